"""The site as after each change: the first page of a version asks anew for what the others share with it."""

from django.db import connections

from clinic_site.wsgi import application as site
from publishing.keeping import newest


def application(environ, start_response):
    newest.clear()
    connections["default"].close()
    return site(environ, start_response)
