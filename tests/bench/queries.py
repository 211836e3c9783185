"""Runs in the site's own shell."""

from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from clinic_site.wsgi import application, django, site
from tests.bench.load import HEADERS

site.application = django  # in this thread, whose queries are counted


def queries(path, is_first=False):
    """How many queries Django counts for an address that was asked for before, of a version known or not."""
    ask(path)
    if is_first:
        site.newest = None
    with CaptureQueriesContext(connection) as captured:
        ask(path)
    return len(captured)


def ask(path):
    host = settings.SITE_URL.rpartition("/")[2]
    environ = RequestFactory(headers=HEADERS | {"Host": host}).get(path).environ
    answer = application(environ, lambda status, headers: None)
    list(answer)
    if hasattr(answer, "close"):
        answer.close()
