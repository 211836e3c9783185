"""What a request meets while the database is down; tests of the page that it gets are in clinic_site."""

import pytest

from pagecache.middleware import DATABASE_DOWN, mark_outage
from pagecache.state import PAGE_STATE, PageState
from pagecache.version import DatabaseDown


@pytest.mark.parametrize("is_down", [False, True])
def test_database_is_looked_after_before_each_request_that_reaches_django(is_down):
    calls = []

    def read_version():
        calls.append("version")
        if is_down:
            raise DatabaseDown

    application = mark_outage(lambda environ, start_response: calls.append((environ, start_response)), read_version)
    environ = {"PATH_INFO": "/"}
    application(environ, print)
    assert calls == ["version", (environ | ({DATABASE_DOWN: True} if is_down else {}), print)]
    assert environ == {"PATH_INFO": "/"}


@pytest.mark.parametrize("known", [{PAGE_STATE: PageState()}, {DATABASE_DOWN: True}])
def test_database_that_the_page_cache_has_asked_is_not_asked_again(known):
    calls = []
    application = mark_outage(lambda environ, start_response: calls.append(environ), lambda: 1 / 0)
    application(known, None)
    assert calls == [known]
