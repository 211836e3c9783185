"""A clinic that has collected for decades."""

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.decades import collect


@pytest.fixture
def decades(clinic):
    collect()


def test_large_site_asks_no_more_of_the_database(client, decades, django_assert_num_queries):
    expected = {SERVICE: 15, "/services/service-99/": 15, "/": 14, "/services/": 8, "/testimonials/": 8, "/faq/": 8}
    for address, queries in expected.items():
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200, address


def test_last_pages_of_long_lists_are_there(client, decades):
    assert client.get("/testimonials/?page=556").status_code == 200
    assert client.get("/testimonials/?page=557").status_code == 404
    assert client.get("/faq/?page=81").status_code == 200
    assert client.get("/sitemap.xml").content.count(b"<loc>") == 108
