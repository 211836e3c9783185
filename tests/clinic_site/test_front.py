import pytest
from django.db import DatabaseError, connections

from clinic_site import front
from pagecache import triggers
from pagecache.cache import PageCache


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
    assert front.behind_cache(django) is django
    assert "2 triggers are missing" in caplog.text


def test_server_starts_during_an_outage(database, gone):
    def fail():
        raise DatabaseError

    gone(fail)
    assert isinstance(front.behind_cache(django), PageCache)


def test_lost_file_is_not_made_anew(db, database, gone, tmp_path):
    database |= {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "the site?.sqlite3", "OPTIONS": {}}
    front.behind_cache(django)
    assert database["NAME"] == f"{(tmp_path / 'the site?.sqlite3').as_uri()}?mode=rw"
    with pytest.raises(DatabaseError):
        connections.create_connection("default").ensure_connection()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("engine", "age"), [("sqlite3", None), ("postgresql", 600)])
def test_only_a_database_in_a_file_has_its_connection_kept_for_ever(database, gone, monkeypatch, tmp_path, engine, age):
    monkeypatch.setattr(front, "default_reader", lambda: None)
    database |= {"ENGINE": f"django.db.backends.{engine}", "NAME": tmp_path / "site", "CONN_MAX_AGE": 600}
    front.behind_cache(django)
    assert database["CONN_MAX_AGE"] == age
