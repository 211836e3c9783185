"""The site as after each change: the first page of a version asks anew for what the others share with it."""

from clinic_site import wsgi


def application(environ, start_response):
    wsgi.site.newest = None
    return wsgi.application(environ, start_response)
