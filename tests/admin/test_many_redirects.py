"""A list of redirects, pasted or uploaded: shown before anything is saved."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.redirects.models import Redirect
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.admin.forms import Fields
from tests.admin.rows import address

MANY = address("redirects_redirect", "many")
LIST = address("redirects_redirect", "changelist")


def stored():
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def sent(text, name="redirects.csv", encoding="utf-8"):
    return {"file": SimpleUploadedFile(name, text.encode(encoding)), "text": "", "_preview": "1"}


def save(client, shown, **changes):
    """Press Save on the page that shows what will happen."""
    return client.post(MANY, Fields(shown.content.decode()).data | {"_save": "1"} | changes)


def test_list_is_shown_first_and_saved_then(manager_client, clinic, client):
    Redirect.objects.create(site_id=1, old_path="/b/", new_path="/faq/")
    Redirect.objects.create(site_id=1, old_path="/c/", new_path="/faq/")
    shown = manager_client.post(MANY, {"text": "old;new\n/A;/contact/\n/b;/contact/\n/c;/faq/\n/d;", "_preview": "1"})
    assert stored() == {"/b/": "/faq/", "/c/": "/faq/"}
    for words in ("New</td>", "Replaces /faq/", "The same already", "says that the page is gone", "Save 3 redirects"):
        assertContains(shown, words)
    assertRedirects(save(manager_client, shown), LIST)
    assert stored() == {"/a": "/contact/", "/b/": "/contact/", "/c/": "/faq/", "/d": ""}
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "2 added, 1 replaced, 1 there already: /a, /b, /d"
    assert manager_client.get("/admin/").status_code == 200
    assert manager_client.get("/admin/accounts/change/").status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_file_is_taken_into_the_text(manager_client, clinic, encoding):
    shown = manager_client.post(MANY, sent("Old,New\r\n/café.html,/contact/\r\n", encoding=encoding))
    assertContains(shown, "Save 1 redirect")
    save(manager_client, shown)
    assert stored() == {"/café.html": "/contact/"}


def test_file_and_text_are_both_taken(manager_client, clinic):
    shown = manager_client.post(MANY, sent("/b,/faq/") | {"text": "/a,/faq/"})
    save(manager_client, shown)
    assert stored() == {"/a": "/faq/", "/b": "/faq/"}


def test_wrong_line_says_why_and_stays_to_be_corrected(manager_client, clinic):
    text = "/a,/contact/\n/home#map,/contact/\n/contact/,/faq/\n/x,/y\n/y,/x\nnonsense\n/<script>,/faq/"
    shown = manager_client.post(MANY, {"text": text, "_preview": "1"})
    for words in ("5 of 7 refused", "Leave out #", "shows a page", "in a circle", "with a comma", "/%3Cscript%3E"):
        assertContains(shown, words)
    assertNotContains(shown, "<script>,")
    after = save(manager_client, shown)
    assert stored() == {"/a": "/contact/", "/%3Cscript%3E": "/faq/"}
    left = Fields(after.content.decode()).data["text"].split("\r\n")
    assert left == ["/home#map,/contact/", "/contact/,/faq/", "/x,/y", "/y,/x", "nonsense"]


def test_nothing_is_saved_that_was_not_shown(manager_client, clinic):
    shown = manager_client.post(MANY, {"text": "/a,/contact/", "_preview": "1"})
    changed = save(manager_client, shown, text="/a,/faq/")
    assertContains(changed, "This is not what you saw before.")
    assert stored() == {}
    Redirect.objects.create(site_id=1, old_path="/a", new_path="/privacy/")  # somebody else, meanwhile
    assertContains(save(manager_client, changed), "Replaces /privacy/")
    assert stored() == {"/a": "/privacy/"}
    assertContains(manager_client.post(MANY, {"text": "/a,/faq/", "_save": "1"}), "This is not what you saw before.")


def test_who_only_looks_keeps_nobody_from_writing(manager_client, clinic):
    with CaptureQueriesContext(connection) as shown:
        answer = manager_client.post(MANY, {"text": "/a,/contact/", "_preview": "1"})
    with CaptureQueriesContext(connection) as saved:
        save(manager_client, answer)
    begun = [any("SAVEPOINT" in query["sql"] for query in found) for found in (shown, saved)]
    assert begun == [False, True]


def test_note_stands_apart_from_what_happens(manager_client, clinic):
    shown = manager_client.post(MANY, {"text": "/a,/b\n/b,/contact/", "_preview": "1"})
    assertContains(shown, "New. /b/ leads on: this one leads straight to /contact/.")


def test_list_that_is_saved_twice_changes_nothing_the_second_time(manager_client, clinic):
    shown = manager_client.post(MANY, {"text": "/a,/contact/", "_preview": "1"})
    save(manager_client, shown)
    assertContains(save(manager_client, shown), "The same already")
    assert stored() == {"/a": "/contact/"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "Paste a list or choose a file."),
        ({"text": "old,new\n"}, "Paste a list or choose a file."),
        ({"text": "/a,/b\n" * 5001}, "5,001 lines"),
        ({"text": "/a,/b" + "b" * 1_000_000}, "more than 1 MB"),
        ({"text": "/a,/b\0"}, "Null characters"),
        (lambda: sent("a" * 1_000_001) | {"text": "/typed,/before"}, "more than 1 MB"),
        (lambda: sent("\0\1", "picture.png") | {"text": "/typed,/before"}, "Save it as CSV"),
        (lambda: sent(""), "empty"),
    ],
)
def test_what_is_no_list_is_told_and_what_was_typed_stays(manager_client, clinic, data, words):
    data = data() if callable(data) else data
    answer = manager_client.post(MANY, data)
    assertContains(answer, words)
    left = Fields(answer.content.decode()).data["text"]
    assert left.replace("\r\n", "\n").strip() == data["text"].replace("\0", "").strip() or "\0" in data["text"]
    assert stored() == {}


def test_longest_list_is_shown_and_saved(manager_client, clinic, django_assert_max_num_queries):
    text = "".join(f"/old-{n},/contact/\n" for n in range(5000))
    shown = manager_client.post(MANY, {"text": text, "_preview": "1"})
    with django_assert_max_num_queries(70):
        assertRedirects(save(manager_client, shown), LIST)
    assert Redirect.objects.count() == 5000


def test_page_has_its_fields_named_and_needs_no_script(manager_client, clinic):
    text = manager_client.get(MANY).content.decode()
    for name in re.findall(r'<label for="(\w+)"', text):
        assert f'id="{name}"' in text
    assert "<script" not in text.partition('id="content-main"')[2].partition("</form>")[0]
