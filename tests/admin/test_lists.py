import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains

from tests.admin.rows import MAKERS, address

SEARCHES = {
    "services_service": "Service 2",
    "services_faq": "Answer 2",
    "testimonials_testimonial": "Quote 2",
    "pages_page": "Body 2",
    "pictures_picture": "thing 2",
    "redirects_redirect": "old-2",
}


@pytest.mark.parametrize("model", MAKERS)
def test_list_asks_no_more_of_the_database_with_more_rows(manager_client, model):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert manager_client.get(address(model, "changelist")).status_code == 200
        return len(asked)

    make = MAKERS[model]
    for n in (1, 2):
        make(n)
    few = queries()
    for n in range(3, 31):
        make(n)
    assert queries() == few


@pytest.mark.parametrize(("model", "words"), SEARCHES.items())
def test_search_finds_only_what_fits(manager_client, model, words):
    first, second = MAKERS[model](1), MAKERS[model](2)
    response = manager_client.get(address(model, "changelist"), {"q": words})
    assertContains(response, address(model, "change", second.pk))
    assertNotContains(response, address(model, "change", first.pk))
