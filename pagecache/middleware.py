"""What happens to a request while the database is down: it is marked before Django, and refused by Django."""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase

from pagecache.state import PAGE_STATE
from pagecache.version import DatabaseDown, VersionReader

DATABASE_DOWN = "pagecache.database_down"  # in the environ of a request before which the database did not answer


def mark_outage(application: WSGIApplication, read_version: VersionReader) -> WSGIApplication:
    """Return the application with DATABASE_DOWN in the environ where the database does not answer.

    The page cache has asked it already for what comes from there. Asking also closes a connection of Django's that
    holds on to an old state of a file, or to one that is gone.
    """

    def marked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            if environ.keys().isdisjoint((PAGE_STATE, DATABASE_DOWN)):
                read_version()
        except DatabaseDown:
            environ = environ | {DATABASE_DOWN: True}
        return application(environ, start_response)

    return marked


GetResponse = Callable[[HttpRequest], HttpResponseBase]


def refuse_during_outage(get_response: GetResponse) -> GetResponse:
    """Refuse at once what could only wait for a database that does not answer, as long as that hangs.

    A request that the outage meets half-way ends with its connection.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if DATABASE_DOWN in request.META and not request.path.startswith(settings.MEDIA_URL):
            raise OperationalError("The database does not answer.")
        return get_response(request)

    return middleware
