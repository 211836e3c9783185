"""Runs in the site's own shell."""

from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from clinic_site.wsgi import application
from tests.bench.load import HEADERS


def queries(path):
    """How many queries Django counts for an address that was asked for before."""
    ask(path)
    with CaptureQueriesContext(connection) as captured:
        ask(path)
    return len(captured)


def ask(path):
    environ = RequestFactory(SERVER_NAME="localhost", headers=HEADERS).get(path).environ
    answer = application(environ, lambda status, headers: None)
    list(answer)
    if hasattr(answer, "close"):
        answer.close()
