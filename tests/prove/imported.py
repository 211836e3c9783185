"""The site as gunicorn serves it, which tells at an address of its own what was imported since the start."""

import sys

from clinic_site.wsgi import application as site

at_start = set(sys.modules)


def application(environ, start_response):
    if environ["PATH_INFO"] != "/imported":
        return site(environ, start_response)
    start_response("200 OK", [])
    names = set(sys.modules) - at_start
    return [" ".join(sorted(name for name in names if name.partition(".")[0] not in sys.stdlib_module_names)).encode()]
