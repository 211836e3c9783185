"""Who changed what: for managers to read."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.templatetags.admin_list import result_headers
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

PAGE = "/admin/accounts/change/"


@pytest.fixture
def boss(person):
    return person("boss", "Manager")


@pytest.fixture
def client(boss, signed_in):
    return signed_in(boss)


def note(user, name, days=0):
    entry = LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr=name, change_message="Words.")
    LogEntry.objects.filter(pk=entry.pk).update(action_time=timezone.now() - timedelta(days=days))


def test_manager_reads_who_changed_what_the_last_first(client, boss, dana):
    note(dana, "First", days=2), note(boss, "Second")
    text = client.get(PAGE).content.decode()
    assert text.index("Second") < text.index("First")
    assertContains(client.get("/admin/"), f'<a href="{PAGE}">Who changed what</a>')


def test_columns_are_named_in_plain_words_and_sort_the_list(client, boss, dana):
    note(dana, "First", days=2), note(boss, "Second")
    page = client.get(PAGE)
    named = [column["text"].lower() for column in result_headers(page.context["cl"])]
    assert named == ["when", "who", "what", "name", "details"]
    for column in ("when", "name"):
        text = client.get(PAGE, {"o": named.index(column)}).content.decode()
        assert text.index("First") < text.index("Second"), column


def test_changes_are_chosen_by_person_and_by_day(client, boss, dana):
    note(dana, "Of Dana", days=2), note(boss, "Of the boss")
    assertNotContains(client.get(PAGE, {"user__id__exact": dana.pk}), "Of the boss")
    day = f"{timezone.localtime() - timedelta(days=2):%Y-%m-%d}"
    assertContains(client.get(PAGE), f"?day={day}")
    page = client.get(PAGE, {"day": day})
    assertContains(page, "Of Dana")
    assertNotContains(page, "Of the boss")


@pytest.mark.parametrize("day", ["x", "2026-13-01", "9999-99-99", "\x00", "0001-01-01", "9999-12-31"])
def test_day_that_is_none_is_no_fault(client, dana, day):
    assert client.get(PAGE, {"day": day}).status_code in (200, 302)


def test_nothing_is_changed_there(client, boss):
    note(boss, "Kept")
    pk = LogEntry.objects.get().pk
    for path in (f"{PAGE}add/", f"{PAGE}{pk}/change/", f"{PAGE}{pk}/delete/"):
        assert client.post(path, {"object_repr": "Forged", "post": "yes"}).status_code == 403
    client.post(PAGE, {"action": "delete_selected", "_selected_action": str(pk), "post": "yes"})
    assert LogEntry.objects.get(pk=pk).object_repr == "Kept"


def test_name_of_what_was_changed_is_shown_as_text(client, boss):
    note(boss, "<script>alert(1)</script>")
    assertContains(client.get(PAGE), "&lt;script&gt;alert(1)")


@pytest.mark.parametrize("role", ["Publisher", "Contributor", "Front desk"])
def test_others_do_not_read_it(person, signed_in, role):
    client = signed_in(person("eve", role))
    assert client.get(PAGE).status_code == 403
    assertNotContains(client.get("/admin/"), "Who changed what")
