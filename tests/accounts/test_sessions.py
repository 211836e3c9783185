"""Sessions: how long they last, who sees them, who ends them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import Session
from accounts.sessions import in_words, mark_of
from tests.accounts.conftest import PASSWORD
from tests.accounts.sign_in import sign_in
from tests.admin.forms import filled

PAGE = "/admin/sessions/"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@pytest.fixture
def client(dana, signed_in):
    return signed_in(dana)


def is_open(client):
    return client.get("/admin/").status_code == 200


def marks(page):
    return re.findall(r'name="end" value="(\w{16})"', page.content.decode())


def test_session_ends_after_two_idle_hours(client, time_machine):
    now = timezone.now()
    time_machine.move_to(now + timedelta(minutes=119), tick=False)
    assert is_open(client)
    time_machine.move_to(now + timedelta(minutes=119 + 121), tick=False)
    assert not is_open(client)


def test_session_ends_after_twelve_hours_however_busy(client, time_machine):
    now = timezone.now()
    for minutes in range(60, 12 * 60, 60):
        time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
        assert is_open(client), minutes
    time_machine.move_to(now + timedelta(minutes=12 * 60 + 1), tick=False)
    assert not is_open(client)


def test_signing_in_again_begins_anew(dana, time_machine):
    client, now = Client(), timezone.now()
    sign_in("dana", client=client)
    for minutes in range(100, 701, 100):
        time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
        assert is_open(client)
    sign_in("dana", client=client)
    time_machine.move_to(now + timedelta(minutes=780), tick=False)
    assert is_open(client)


def test_session_is_written_once_in_five_minutes(client, time_machine):
    now = timezone.now()

    def writes(minutes):
        time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/admin/")
        return sum(query["sql"].startswith("UPDATE") for query in queries)

    assert [writes(minutes) for minutes in (1, 4, 6, 7, 10, 12)] == [0, 0, 1, 0, 0, 1]


def test_public_page_neither_writes_nor_reads_the_session(client, clinic, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=30))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/contact/")
    assert not [query for query in queries if "accounts_session" in query["sql"]]
    assert not answer.cookies


def test_page_lists_the_sessions_with_their_devices_and_no_key(client, dana):
    phone = Client(headers={"user-agent": PHONE})
    sign_in("dana", client=phone)
    page = client.get(PAGE)
    assertContains(page, "Safari on an iPhone")
    assertContains(page, "This one: log out above", count=1)
    keys = Session.objects.values_list("session_key", flat=True)
    assert not [key for key in keys if key in page.content.decode()]


def test_sessions_are_ended_one_by_one(client, dana, signed_in):
    second, third = signed_in(dana), signed_in(dana)
    first_mark, second_mark = marks(client.get(PAGE))
    assertRedirects(client.post(PAGE, {"end": second_mark}), PAGE)
    assert sorted([is_open(second), is_open(third)]) == [False, True]
    assert marks(client.get(PAGE)) == [first_mark]


def test_all_others_are_ended_at_once(client, dana, signed_in):
    others = [signed_in(dana) for _ in range(3)]
    client.post(PAGE, {"end": "all"})
    assert [is_open(other) for other in others] == [False] * 3
    assert is_open(client)


@pytest.mark.parametrize("end", ["", "none", "x" * 500, "all "])
def test_mark_of_no_session_ends_none(client, dana, signed_in, end):
    other = signed_in(dana)
    assertContains(client.post(PAGE, {"end": end}, follow=True), "had ended already")
    assert is_open(other)


def test_session_of_another_person_is_neither_listed_nor_ended(client, person, signed_in):
    eve = signed_in(person("eve"))
    assert marks(client.get(PAGE)) == []
    client.post(PAGE, {"end": mark_of(Session.objects.get(user__username="eve"))})
    assert is_open(eve)


def test_session_that_a_new_password_ended_is_not_listed(client, dana, signed_in):
    signed_in(dana)
    client.post(
        "/admin/password_change/",
        {"old_password": PASSWORD, "new_password1": "four words and more", "new_password2": "four words and more"},
    )
    page = client.get(PAGE)
    assertContains(page, "This one: log out above")
    assert marks(page) == []


def test_session_that_ended_by_time_is_not_listed(client, dana, signed_in, time_machine):
    now = timezone.now()
    signed_in(dana)
    time_machine.move_to(now + timedelta(minutes=60))
    assert is_open(client)
    time_machine.move_to(now + timedelta(minutes=130))
    assert marks(client.get(PAGE)) == []


def test_manager_ends_the_sessions_of_another(client, dana, person, signed_in):
    boss = signed_in(person("boss", "Manager"))
    url = f"/admin/auth/user/{dana.pk}/sessions/"
    assertContains(boss.get(url), "Where dana is signed in")
    assertNotContains(boss.get(url), "This one")
    [mark] = marks(boss.get(url))
    boss.post(url, {"end": mark})
    assert not is_open(client)
    assertContains(boss.get(url), "Nowhere")


@pytest.mark.parametrize(("roles", "ends"), [(["Contributor"], True), ([], True), (["Publisher", "Front desk"], False)])
def test_roles_that_are_taken_end_the_sessions(client, dana, person, signed_in, roles, ends):
    boss = signed_in(person("boss", "Manager"))
    url = f"/admin/auth/user/{dana.pk}/change/"
    keys = [str(group.pk) for group in Group.objects.filter(name__in=roles)]
    assert boss.post(url, filled(boss, url, groups=keys)).status_code == 302
    assert is_open(client) == (not ends)


def test_who_is_made_inactive_is_signed_out(client, dana, person, signed_in):
    boss = signed_in(person("boss", "Manager"))
    url = f"/admin/auth/user/{dana.pk}/change/"
    data = filled(boss, url, groups=[str(group.pk) for group in dana.groups.all()])
    del data["is_active"]
    boss.post(url, data)
    assert not Session.objects.filter(user=dana).exists()


def test_person_that_is_deleted_leaves_no_session(client, dana):
    dana.delete()
    assert not Session.objects.exists()
    assert not is_open(client)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Safari on an iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on a Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on a Chromebook"),
        ("", "A browser"),
        ("<script>" * 1000, "A browser"),
    ],
)
def test_device_is_told_in_plain_words(agent, words):
    assert in_words(agent) == words


def test_short_idle_time_signs_nobody_out_who_is_busy(dana, signed_in, settings, time_machine):
    settings.SESSION_IDLE = timedelta(minutes=5)
    client, now = signed_in(dana), timezone.now()
    for minutes in range(4, 21, 4):
        time_machine.move_to(now + timedelta(minutes=minutes), tick=False)
        assert is_open(client), minutes
    time_machine.move_to(now + timedelta(minutes=26), tick=False)
    assert not is_open(client)


def test_name_of_a_button_begins_with_the_words_on_it(client, dana, signed_in):
    signed_in(dana)
    page = client.get(PAGE).content.decode()
    assert re.search(r'aria-label="Sign out there: [^"]+">Sign out there<', page)


def test_session_that_ends_while_its_request_runs_leads_to_the_login(client, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=6), tick=False)  # the session is written again

    def end_before(execute, sql, *rest):
        if sql.startswith("UPDATE") and Session._meta.db_table in sql:
            Session.objects.all().delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(end_before):
        answer = client.get("/admin/?a=b")
    assertRedirects(answer, "/admin/login/?next=/admin/%3Fa%3Db", fetch_redirect_response=False)
