import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Page
from publishing.models import Revision
from tests.admin.forms import filled
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
    queries()  # content types are asked for once and remembered
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


@pytest.mark.parametrize("model", ["services_service", "services_faq", "testimonials_testimonial", "pages_page"])
def test_list_tells_of_drafts_and_leads_to_the_site(manager_client, full_site, model):
    row = apps.get_model(model.replace("_", ".")).objects.first()
    changelist, change = address(model, "changelist"), address(model, "change", row.pk)
    assertNotContains(manager_client.get(changelist), "Has a draft")
    manager_client.post(change, filled(manager_client, change, _keep="1"))
    number = Revision.objects.drafts().get().pk
    answer = manager_client.get(changelist)
    assertContains(answer, f'<a href="{change}?revision={number}">Has a draft</a>', count=1, html=True)
    assertContains(answer, f'<a href="{row.get_absolute_url()}" aria-label="View “{escape(row)}” on the site">View</a>')
    Revision.objects.update(closed_at=timezone.now())
    assertNotContains(manager_client.get(changelist), "Has a draft")


def test_list_shows_what_waits_and_what_is_a_draft(manager_client, db):
    for n, moment in enumerate((None, timezone.now() + timedelta(days=1), timezone.now()), start=1):
        Page.objects.create(title=f"Page {n}", slug=f"page-{n}", body="<p>x</p>", publish_at=moment)
    text = manager_client.get(address("pages_page", "changelist")).content.decode()
    states = ["Draft", "Waits until", "Public since"]
    assert re.findall(rf'field-state">({"|".join(states)})', text) == states
    assert text.count("on the site") == 1


def test_list_leads_to_drafts_of_what_is_not_there_yet(manager_client, db):
    add = address("pages_page", "add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", _keep="1")
    place = manager_client.post(add, data).headers["Location"]
    answer = manager_client.get(address("pages_page", "changelist"))
    assertContains(answer, f'Drafts of new pages: <a href="{place}">Parking</a>')


ODD_QUERIES = (
    "publish_at__year=99999999999",
    "last_login__year=99999999999",
    "publish_at__year=abc",
    "service__publish_at__year=99999999999999999999",
    "service__id__exact=zz",
    "position=99999999999999999999999",
    "position__gte=1e400",
    "p=99999999999999999999",
    "p=-1",
    "o=999999999999999999999999",
    "q=" + "a+" * 1000,
    "q=" + "a" * 100_000,
    "e=1",
)


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_no_query_of_a_list_is_a_fault(admin_client, full_site, model):
    place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for query in ODD_QUERIES:
        assert admin_client.get(f"{place}?{query}", follow=True).status_code < 500, query[:40]


def test_search_of_many_words_says_which_counted(manager_client, clinic):
    many = "scraping " * 21
    answer = manager_client.get("/admin/services/service/", {"q": many})
    assertContains(answer, "Searched for the first words alone: at most 20.")
    assertContains(answer, "Muscle scraping therapy")
    assertNotContains(manager_client.get("/admin/services/service/", {"q": "scraping " * 20}), "Searched for the first")
    assertContains(manager_client.get("/admin/services/service/", {"q": "x" * 201}), "Searched for the first")
