import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.db import DatabaseError, connections

from clinic_site import front
from clinic_site.places import Refused, close_connections
from pagecache import triggers
from pagecache.cache import PageCache
from pagecache.middleware import DATABASE_DOWN
from pagecache.sqlite import Reader


def django(environ, start_response):
    raise AssertionError("not asked")


@pytest.fixture
def database(monkeypatch):
    """The settings of the default database, which the front may change."""
    mine = dict(connections.databases["default"])
    monkeypatch.setitem(connections.databases, "default", mine)
    return mine


@pytest.fixture
def gone(monkeypatch):
    monkeypatch.setattr(triggers.connections, "close_all", lambda: None)

    def make(answer):
        monkeypatch.setattr(triggers, "missing_triggers", answer)

    make(set)
    return make


def test_site_is_served_through_the_cache(database, gone, settings):
    settings.SITE_URL = "https://www.example.com"
    cache = front.behind_cache(django)
    assert isinstance(cache, PageCache)
    assert (cache.scheme, cache.host) == ("https", "www.example.com")


def test_developers_see_each_page_anew(database, gone, settings):
    settings.DEBUG = True
    assert front.behind_cache(django) is django


def test_nothing_is_cached_where_changes_would_not_be_noticed(database, gone, caplog):
    gone(lambda: {"a", "b"})
    assert not isinstance(front.behind_cache(django), PageCache)
    assert "2 triggers are missing" in caplog.text


def test_server_starts_during_an_outage(database, gone):
    def fail():
        raise DatabaseError

    gone(fail)
    assert isinstance(front.behind_cache(django), PageCache)


def test_lost_file_is_not_made_anew(db, database, gone, monkeypatch, tmp_path):
    monkeypatch.setattr(front, "default_reader", lambda: Reader(tmp_path / "the site?.sqlite3"))
    database |= {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "the site?.sqlite3", "OPTIONS": {}}
    front.behind_cache(django)
    assert database["NAME"] == f"{(tmp_path / 'the site?.sqlite3').as_uri()}?mode=rw"
    with pytest.raises(DatabaseError):
        connections.create_connection("default").ensure_connection()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("reader", "age"), [(Reader("site"), None), (lambda checked_within=0: "one", 600)])
def test_only_a_database_in_a_file_has_its_connection_kept_for_ever(database, gone, monkeypatch, tmp_path, reader, age):
    monkeypatch.setattr(front, "default_reader", lambda: reader)
    database |= {"NAME": tmp_path / "site", "CONN_MAX_AGE": 600}
    front.behind_cache(django)
    assert database["CONN_MAX_AGE"] == age


def request(path="/", method="GET", **variables):
    return {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": BytesIO(), **variables}


def thread_name(environ, start_response):
    return [threading.current_thread().name.partition("_")[0]]


@pytest.fixture
def placed():
    """Asks for the kind of place, or the name of this thread, that a request runs in."""
    application = front.in_places(thread_name, lambda checked_within=0: "one")
    return lambda *args, **variables: application(request(*args, **variables), None)[0]


FORM, UPLOAD = "application/x-www-form-urlencoded", "Multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("method", "path", "kind", "place"),
    [
        ("GET", "/", "", "visitors"),
        ("GET", "/no-such-page/", "", "visitors"),
        ("POST", "/contact/", UPLOAD, "visitors"),
        ("GET", "/admin/", "", "staff"),
        ("GET", "/admin/login/", "", "staff"),
        ("POST", "/admin/services/service/add/", FORM, "staff"),
        ("POST", "/admin/login/", FORM, "logins"),
        ("POST", "/admin/login/", UPLOAD, "logins"),
        ("POST", "/admin/password_change/", FORM, "logins"),
        ("POST", "/admin/sign-in-code/", FORM, "logins"),
        ("POST", "/admin/invitation/MQ/password/", FORM, "logins"),
        ("POST", "/admin/new-password/MQ/set-password/", FORM, "logins"),
        ("GET", "/admin/sign-in-code/", "", "staff"),
        ("POST", "/admin/pictures/picture/add/", UPLOAD, "uploads"),
        ("GET", "/admin/pictures/picture/add/", UPLOAD, "staff"),
    ],
)
def test_request_runs_in_a_place_of_its_kind(placed, method, path, kind, place):
    assert placed(path, method, CONTENT_TYPE=kind) == place


@pytest.fixture
def files(settings, tmp_path):
    settings.STATIC_ROOT, settings.MEDIA_ROOT = tmp_path / "static", tmp_path / "media"
    for path in ("static/css/site.css", "media/pictures/a-480.webp"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()


@pytest.mark.parametrize("path", ["/static/css/site.css", "/media/a-480.webp"])
def test_file_needs_no_place(files, placed, path):
    assert placed(path) == threading.current_thread().name


RENDITION = f"/media/{'a' * 32}-480.webp"


@pytest.mark.parametrize(
    ("method", "path", "place"),
    [
        ("GET", RENDITION, "pictures"),
        ("HEAD", RENDITION, "pictures"),
        ("POST", RENDITION, "visitors"),
        ("GET", f"{RENDITION}/", "visitors"),
        ("GET", "/media/a-480.webp", "visitors"),
        ("GET", "/", "visitors"),
    ],
)
@pytest.mark.parametrize("outage", [{}, {DATABASE_DOWN: True}], ids=["", "database down"])
def test_picture_of_a_store_that_may_be_slow_has_places_of_its_own(monkeypatch, method, path, place, outage):
    monkeypatch.setattr(front, "remote_store", lambda: "a store")
    site = front.in_places(thread_name, lambda checked_within=0: "one")
    if outage and place == "visitors":
        place = threading.current_thread().name
    assert site(request(path, method, **outage), None) == [place]


@pytest.mark.parametrize(
    "path", ["/static/css", "/static/no", "/media/no.webp", "/media/../media/a-480.webp", "/media/"]
)
def test_file_that_is_not_there_waits_for_a_place(files, placed, path):
    """Its page needs the database."""
    assert placed(path) == "visitors"


def test_request_during_an_outage_waits_for_no_place(placed):
    assert placed("/", **{DATABASE_DOWN: True}) == threading.current_thread().name


def test_whether_the_process_lives_waits_for_no_place(placed):
    assert placed("/health/live") == threading.current_thread().name
    assert placed("/health/ready") == "visitors"


def test_thread_of_a_client_keeps_no_connection(placed, monkeypatch):
    closed = []
    monkeypatch.setattr(front.connections, "close_all", lambda: closed.append(threading.current_thread()))
    placed("/", **{DATABASE_DOWN: True})
    assert closed == [threading.current_thread()]


def test_visitor_does_not_wait_for_staff():
    may_go = threading.Event()

    def application(environ, start_response):
        if environ["PATH_INFO"] != "/":
            assert may_go.wait(10)
        return ["made"]

    placed = front.in_places(application, lambda checked_within=0: "one")
    busy = [request("/admin/login/", "POST"), *[request("/admin/")] * 9]
    with ThreadPoolExecutor(len(busy)) as pool:
        waiting = [pool.submit(placed, one, None) for one in busy]
        try:
            assert placed(request(), None) == ["made"]
            assert not any(one.done() for one in waiting)
        finally:
            may_go.set()
        assert [one.result() for one in waiting] == [["made"]] * len(busy)


@pytest.mark.parametrize(
    ("path", "cookie", "kind", "limit"),
    [
        ("/admin/login/", "", UPLOAD, 100_000),
        ("/admin/login/", "csrf=x", FORM, 100_000),
        ("/admin/pages/page/add/", "session=made-up", FORM, 100_000),
        ("/admin/pages/page/add/", "session=", FORM, 100_000),
        ("/admin/pages/page/add/", r'session="aaaaaaaa\000"', FORM, 100_000),
        ("/admin/pages/page/add/", "xsession={}", FORM, 100_000),
        ("/contact/", "session={}", UPLOAD, 100_000),
        ("/admin/pages/page/add/", "csrf=x; session={}", FORM, 10_000_000),
        ("/admin/pictures/picture/add/", "session={}", UPLOAD, 30_000_000),
        ("/admin/", "session={}", "", 10_000_000),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_who_is_not_logged_in_may_send_little(manager_client, path, cookie, kind, limit):
    cookie = cookie.format(manager_client.cookies["session"].value)
    site = front.in_places(thread_name, lambda checked_within=0: "one")
    try:
        for more, client in ((0, BytesIO(b"x" * limit)), (1, BytesIO(b"x" * limit + b"x"))):
            sent = request(path, "POST", HTTP_COOKIE=cookie, CONTENT_TYPE=kind, CONTENT_LENGTH=str(limit + more))
            if more:
                with pytest.raises(Refused) as refused:
                    site(sent | {"wsgi.input": client}, None)
                assert refused.value.status == 413
            else:
                assert site(sent | {"wsgi.input": client}, None)
    finally:
        close_connections()
