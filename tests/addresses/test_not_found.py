import threading
from datetime import timedelta
from time import perf_counter

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from addresses import not_found
from addresses.models import NotFound
from addresses.not_found import MOST_A_DAY, Gathered, gathered, write
from addresses.redirects import redirect
from pagecache.content import content_models
from pagecache.models import ContentVersion
from pages.models import Page

LIST = "/admin/redirects/redirect/not-found/"
LATER = not_found.later
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def timers(settings, monkeypatch):
    """What is to be done later, by (seconds, function)."""
    settings.NOT_FOUND_COUNTS = True
    gathered.take()
    found = []
    monkeypatch.setattr(not_found, "later", lambda *timer: found.append(timer))
    yield found
    gathered.take()


def counts():
    write()
    return dict(NotFound.objects.values_list("path", "number"))


def test_address_is_counted_once_a_visit_and_in_one_spelling(client, clinic):
    for path in ("/Team", "/team/?email=a@b.example", "/t%45am/"):
        client.get(path, follow=True)
    assert counts() == {"/team": 3}
    client.get("/team/")
    assert counts() == {"/team": 4}
    assert NotFound.objects.get().day == timezone.localdate()


def test_nothing_but_path_day_and_number_is_stored():
    assert {field.name for field in NotFound._meta.fields} == {"id", "path", "day", "number"}
    assert NotFound not in content_models()


@pytest.mark.parametrize("method", ["head", "post", "put"])
def test_other_methods_are_not_counted(client, clinic, method):
    getattr(client, method)("/team/")
    assert counts() == {}


@pytest.mark.parametrize(
    "path",
    [
        "/contact/",
        "/admin/no-such-page/",
        "/static/x.css",
        "/media/x.jpg",
        "/dana@mail.example/",
        "/dana%40mail.example/",
        "/dana%2540mail.example/",
        "/1234567/",
        "/call-973-555-0123/",
        "/1980.05.17",
        "/index.php",
        "/Wp-Login.PHP",
        "/wp-admin/setup",
        "/.env",
        "/a/.git/config",
        "/%2egit/config",
        "/cgi-bin/test",
        "/backup.sql",
    ],
)
def test_what_is_there_personal_or_noise_is_not_kept(client, clinic, path):
    client.get(path)
    assert counts() == {}


@pytest.mark.parametrize("path", ["/news/2019/12", "/our-team.html", "/wp-content/uploads/plan.pdf", "/administration"])
def test_what_an_older_site_may_have_had_is_kept(client, clinic, path):
    client.get(path, follow=True)
    assert counts() == {path: 1}


def test_long_address_is_cut_off(client, clinic):
    client.get(f"/{'a' * 3000}/")
    [path] = counts()
    assert len(path) == 200


def test_setting_switches_it_off(client, clinic, settings, timers):
    settings.NOT_FOUND_COUNTS = False
    client.get("/team/")
    assert (counts(), timers) == ({}, [])
    assert b"is counted by the day" not in client.get("/privacy/").content


def test_privacy_page_tells_of_it(client, clinic):
    assertContains(client.get("/privacy/"), "is counted by the day for 90 days, with nothing about who asked")


def test_visitor_waits_for_no_write(client, clinic, timers):
    client.get("/team/")
    with connection.execute_wrapper(refuse_writes):
        assert client.get("/team/").status_code == 404
    assert timers == [(30, not_found.write_in_background)]
    write()
    client.get("/team/")
    assert len(timers) == 2


def refuse_writes(execute, sql, params, many, context):
    assert sql.startswith("SELECT"), sql
    return execute(sql, params, many, context)


def test_write_is_one_statement_and_changes_no_version(clinic):
    for number in range(50):
        gathered.add(f"/page-{number}")
    statements = []

    def watch(execute, sql, params, many, context):
        statements.append(sql.split()[0])
        return execute(sql, params, many, context)

    before = ContentVersion.objects.get().value
    with connection.execute_wrapper(watch):
        write()
    assert ContentVersion.objects.get().value == before
    assert NotFound.objects.count() == 50
    assert [word for word in statements if word not in ("PRAGMA", "SET", "SAVEPOINT", "RELEASE")] == ["WITH"]


def test_rows_are_written_in_one_order_however_often_they_were_asked_for():
    for path in ("/c", "/c", "/c", "/a", "/d", "/d", "/b"):
        gathered.add(path)
    write()
    assert list(NotFound.objects.order_by("pk").values_list("path", flat=True)) == ["/a", "/b", "/c", "/d"]


def test_flood_stores_no_more_than_so_many_different_addresses_a_day():
    for turn in range(3):
        for number in range(MOST_A_DAY * 2):
            gathered.add(f"/flood-{turn}-{number}")
        assert len(gathered.counts) == MOST_A_DAY
        gathered.add("/flood-0-0")
        write()
    assert NotFound.objects.count() == MOST_A_DAY
    known = NotFound.objects.first()
    gathered.add(known.path)
    write()
    assert NotFound.objects.get(pk=known.pk).number == known.number + 1


def test_yesterday_counts_for_itself():
    NotFound.objects.create(path="/team", day=timezone.localdate() - timedelta(days=1), number=5)
    gathered.add("/team")
    write()
    assert sorted(NotFound.objects.values_list("number", flat=True)) == [1, 5]


@pytest.mark.parametrize("fault", [OperationalError("database is locked: /secret"), OperationalError("readonly")])
def test_database_that_takes_nothing_makes_no_fault(client, clinic, caplog, fault):
    def fail(execute, sql, *rest):
        if sql.lstrip().startswith("WITH"):
            raise fault
        return execute(sql, *rest)

    client.get("/team/")
    with connection.execute_wrapper(fail):
        write()
    assert [record.getMessage() for record in caplog.records] == [
        "Addresses that were not found could not be counted: OperationalError."
    ]
    client.get("/team/")
    assert counts() == {"/team": 1}


@pytest.mark.django_db(transaction=True)
def test_write_waits_for_nobody_who_writes():
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            NotFound.objects.create(path="/held")
            held.set()
            done.wait(60)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    gathered.add("/held")
    start = perf_counter()
    write()
    took = perf_counter() - start
    done.set()
    holder.join()
    assert took < 10  # of the 20 seconds that others wait
    assert NotFound.objects.get().number == 0


@pytest.mark.django_db(transaction=True)
def test_moment_in_the_background_writes_and_leaves_no_connection(monkeypatch):
    closed = threading.Event()

    def soon(seconds, function):
        timer(0.01, lambda: (function(), closed.set()))

    timer = LATER
    monkeypatch.setattr(not_found, "later", soon)
    gathered.add("/team")
    assert closed.wait(60)
    assert NotFound.objects.get().path == "/team"


def test_threads_lose_no_count():
    own = Gathered()
    threads = [threading.Thread(target=lambda: [own.add("/a") for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert own.take() == {"/a": 4000}


def test_tick_deletes_what_is_older_than_90_days():
    for days in (89, 90, 91):
        NotFound.objects.create(path=f"/{days}", day=timezone.localdate() - timedelta(days=days), number=1)
    call_command("tick")
    assert {row.path for row in NotFound.objects.all()} == {"/89", "/90"}


def test_list_tells_the_most_wanted_first_and_leads_to_the_form(manager_client, clinic):
    today = timezone.localdate()
    for path, days, number in (("/team", 0, 2), ("/team", 30, 5), ("/menü", 0, 3), ("/<b>", 0, 1), ("/long…", 1, 1)):
        NotFound.objects.create(path=path, day=today - timedelta(days=days), number=number)
    answer = manager_client.get(LIST)
    text = answer.content.decode()
    assert text.index("/team") < text.index("/menü")
    assertContains(answer, "<td>2</td><td>7</td>")
    assertContains(answer, 'href="/admin/redirects/redirect/add/?old_path=/men%C3%BC"')
    assertContains(answer, "/&lt;b&gt;")
    assertContains(answer, "Too long for a redirect")
    assertContains(manager_client.get("/admin/redirects/redirect/add/?old_path=/men%C3%BC"), 'value="/menü"')


def test_what_leads_somewhere_by_now_is_gone_from_the_list(manager_client, clinic):
    for path in ("/team", "/about-us", "/x"):
        NotFound.objects.create(path=path, number=1)
    redirect("/Team/", "/contact/")
    Page.objects.create(title="P", slug="about-us", publish_at=timezone.now())
    answer = manager_client.get(LIST)
    assertNotContains(answer, "/team")
    assertNotContains(answer, "/about-us")
    assertContains(answer, "Lead /x to")
    assert not NotFound.objects.filter(path="/team").exists()


def test_list_asks_no_more_of_the_database_with_more_rows(manager_client, clinic, django_assert_max_num_queries):
    NotFound.objects.bulk_create([NotFound(path=f"/x-{n}", number=1) for n in range(450)])
    with django_assert_max_num_queries(15):
        assertContains(manager_client.get(LIST), "These are the 200 that were wanted most")


def test_empty_list_and_one_that_is_off_say_so(manager_client, clinic, settings):
    assertContains(manager_client.get(LIST), "There are none.")
    settings.NOT_FOUND_COUNTS = False
    assertContains(manager_client.get(LIST), "not counted at present")
