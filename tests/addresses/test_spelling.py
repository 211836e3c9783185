import pytest
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import get_path_info
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from addresses.spelling import address_asked, address_of, new_address, old_address


@pytest.mark.parametrize(
    ("typed", "one"),
    [
        ("/Team/", "/team/"),
        ("/%54e%61m", "/team"),
        ("/Caf%C3%A9.HTML", "/café.html"),
        ("/cafe\u0301.html", "/café.html"),
        ("/caf%e9.html", "/caf%E9.html"),
        ("/our%20team", "/our%20team"),
        ("/what%3F/100%25", "/what%3F/100%25"),
        ("/?page_id=12", "/?page_id=12"),
        ("/a?b=2&a=1&utm_source=x&B", "/a?B=&a=1&b=2"),
        ("/a?utm_source=x", "/a"),
        ("  /team ", "/team"),
        ("http://testserver/Team/?a=1", "/team/?a=1"),
        ("http://testserver", "/"),
    ],
)
def test_old_address_has_one_spelling(typed, one):
    assert str(old_address(typed)) == one
    assert str(old_address(one)) == one


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("old/", "Begin the address with a slash"),
        ("?page_id=12", "Begin the address with a slash"),
        ("www.example.com/old", "Begin the address with a slash"),
        ("/home#map", "Leave out #"),
        ("/#", "Leave out #"),
        ("https://example.com/old/", "another site"),
        ("//example.com/old/", "another site"),
        ("https://[/", "no address"),
        ("/our team", "no spaces"),
        ("/a\tb", "no spaces"),
        ("/a\u200bb", "cannot be seen"),
        ("/a\x07b", "cannot be seen"),
        ("/a\\b", "Write / in place"),
        ("/" + "a" * 200, "201 characters. At most 200"),
        ("/?" + "&" * 40, "more than 30 names"),
        ("/admin", "/admin/ belongs to the site"),
        ("/%41dmin/users/", "/admin/ belongs to the site"),
        ("/STATIC/x.css", "/static/ belongs to the site"),
        ("/media/a.pdf", "/media/ belongs to the site"),
        ("/health/live", "/health/ belongs to the site"),
    ],
)
def test_what_can_lead_nowhere_is_refused_in_plain_words(typed, words):
    with pytest.raises(ValidationError, match=words):
        old_address(typed)


def test_address_that_only_begins_like_one_of_the_site_is_taken():
    assert str(old_address("/administration/")) == "/administration/"


@pytest.mark.parametrize("typed", ["faq/", "javascript:alert(1)", "//e.example/", "https://", "https://a b", "/a\\b"])
def test_new_address_that_no_browser_could_open_is_refused(typed):
    with pytest.raises(ValidationError):
        new_address(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("/FAQ/#costs", "/FAQ/#costs"),
        ("http://testserver/faq/?page=2#x", "/faq/?page=2#x"),
        ("https://other.example/A?b#c", "https://other.example/A?b#c"),
    ],
)
def test_new_address_is_kept_as_typed_without_the_own_host(typed, kept):
    assert new_address(typed) == kept


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_spelling_twice_changes_nothing(text):
    once = str(address_of(f"/{text}"))
    assert str(address_of(once)) == once
    assert str(address_of(once.upper())).isprintable()


@given(st.binary())
def test_any_bytes_that_visitors_send_have_a_spelling(sent):
    request = RequestFactory().get("/")
    request.path_info = get_path_info({"PATH_INFO": f"/{sent.decode('latin-1')}"})
    request.META["QUERY_STRING"] = "&".join(f"a{number}" for number in range(100))
    asked = str(address_asked(request))
    assert str(address_of(asked)) == asked


def test_bytes_of_an_old_encoding_are_one_address():
    assert address_asked(RequestFactory().get("/caf%e9.html")) == old_address("/Caf%E9.html")
