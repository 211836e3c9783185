"""How `gunicorn clinic_site.wsgi` serves the site. Options on its command line win over these."""

import logging
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinic_site.logs import Bounded, JsonLine
from clinic_site.serving import allowed_hosts_error, bind_error, newer_database_error, static_files_error

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
try:
    bind = f"{settings.BIND}:{settings.PORT}"
    workers = settings.WORKERS
    threads = settings.THREADS
except ImproperlyConfigured as error:
    sys.exit(f"Configuration: {error}")

worker_class = "clinic_site.worker.Worker"
loglevel = "warning"
accesslog = None
# Below what a process may open by default, with the files of the database and one for each thread that waits.
worker_connections = 400
control_socket_disable = True
# No header of a request sets the address below which the site lives, or the path, whatever proxy is trusted.
forwarder_headers = ""


def on_starting(server):
    server.log.error_log.addFilter(Bounded())
    for handler in server.log.error_log.handlers:
        handler.setFormatter(JsonLine() if settings.LOG_JSON else handler.formatter)
    addresses = server.cfg.address
    is_upgrade = "GUNICORN_PID" in os.environ  # a new master takes over the old one's sockets
    bind_problem = "" if is_upgrade else bind_error(addresses)
    if error := allowed_hosts_error(addresses) or bind_problem or static_files_error() or newer_database_error():
        sys.exit(error)


def when_ready(server):
    places = " and ".join(str(listener) for listener in server.LISTENERS)
    text = f"Serving {places}. Staff edit at /admin/; make a login: make staff"
    record = logging.makeLogRecord({"msg": text, "levelname": "INFO", "name": "gunicorn.error"})
    print(JsonLine().format(record) if settings.LOG_JSON else text, flush=True)
