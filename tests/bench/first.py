"""The site as after each change: the first page of a version asks anew for what the others share with it."""

from clinic_site.wsgi import application as site


def application(environ, start_response):
    site.newest = None
    return site(environ, start_response)
