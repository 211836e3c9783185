from time import perf_counter

import pytest
from django.utils import timezone

from addresses.pasted import Line
from addresses.plan import planned
from pages.models import Page

pytestmark = pytest.mark.django_db


def plan(*pairs, **known):
    known = {f"/{key}": value for key, value in known.items()}
    return planned([Line(number, "", *pair) for number, pair in enumerate(pairs, 1)], known)


def told(found):
    return [(change.kind, change.new) for change in found.changes]


def test_each_line_says_what_it_does():
    found = plan(("/a", "/faq/"), ("/b", "/faq/"), ("/c/", "/faq/"), ("/d", ""), ("e", "/faq/"), b="/x", c="/faq/")
    assert [change.kind for change in found.changes] == ["new", "replaces", "same", "new", "refused"]


def test_old_address_that_comes_twice_is_refused():
    found = plan(("/a", "/faq/"), ("/A/", "/contact/"))
    assert found.changes[1].fault == ("old_path", "Line 1 has this old address already.")


@pytest.mark.parametrize("old", ["/contact/", "/Contact", "/p", "/P/", "/", "/?utm_source=x", "/robots.txt"])
def test_old_address_that_is_live_is_refused(old):
    Page.objects.create(title="P", slug="p", publish_at=timezone.now())
    [change] = plan((old, "/privacy/")).changes
    assert change.fault[0] == "old_path"
    assert "shows a page" in change.fault[1]


@pytest.mark.parametrize("old", ["/?page_id=12", "/contact/?x=1", "/p/", "/faq/?page=99"])
def test_old_address_that_no_page_answers_is_taken(old):
    Page.objects.create(title="P", slug="p")
    assert plan((old, "/privacy/")).changes[0].kind == "new"


@pytest.mark.parametrize("new", ["/a", "/a/", "/A", "/%61", "http://testserver/a/", "/a#x"])
def test_old_address_as_the_new_one_is_refused(new):
    assert plan(("/a", new)).changes[0].fault == ("new_path", "This is the old address.")


def test_circles_are_refused_however_many_make_them():
    found = plan(("/a", "/b"), ("/b", "/C/"), ("/c", "/a"), ("/d", "/a"))
    assert [change.kind for change in found.changes] == ["refused"] * 3 + ["new"]
    assert plan(("/b", "/a"), a="/b").changes[0].kind == "refused"
    assert plan(("/b", "/a?x=1"), a="/b").changes[0].kind == "refused"


def test_chains_are_shortened_in_both_directions():
    found = plan(("/b", "/c"), ("/c", "/d?x=1"), a="/b", d="/faq/", e="/contact/")
    assert told(found) == [("new", "/faq/"), ("new", "/faq/")]
    assert found.led_on == {"/a": "/faq/"}
    assert "leads straight to /faq/" in found.changes[0].notes[0]


def test_redirect_of_a_page_that_is_live_is_not_followed_and_goes():
    Page.objects.create(title="P", slug="p", publish_at=timezone.now())
    found = plan(("/b", "/P"), p="/b")
    assert told(found) == [("new", "/p/")]
    assert found.dead == {"/p"}


def test_new_address_gets_the_site_s_own_spelling_and_its_end():
    assert told(plan(("/a", "/FAQ?page=2#x"))) == [("new", "/faq/?page=2#x")]


def test_new_address_without_a_page_is_told():
    notes = [
        change.notes for change in plan(("/a", "/nowhere/"), ("/b", "/contact/"), ("/c", "https://x.example/")).changes
    ]
    assert [bool(found) for found in notes] == [True, False, False]


def test_longest_chain_takes_a_moment(django_assert_max_num_queries):
    pairs = [(f"/x-{n}", f"/x-{n + 1}") for n in range(5000)]
    start = perf_counter()
    with django_assert_max_num_queries(8):
        found = plan(*pairs)
    assert {change.new for change in found.changes} == {"/x-5000/"}
    assert perf_counter() - start < 60
