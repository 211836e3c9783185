"""How `gunicorn clinic_site.wsgi` serves the site. Options on its command line win over these. HUP reads it anew."""

import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from gunicorn.systemd import sd_notify

chdir = str(Path(__file__).parent)
if chdir not in sys.path:
    sys.path.insert(0, chdir)

from clinic_site import master  # noqa: E402
from clinic_site.logs import Bounded, JsonLine  # noqa: E402

answer = master.settings()
bind = answer["bind"]
workers = answer["workers"]
threads = answer["threads"]
forwarded_allow_ips = ",".join(answer["proxies"])
raw_env = master.raw_env(answer)

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
    set_format(server)
    addresses = server.cfg.address
    master.serving.extend(addresses)
    is_upgrade = "GUNICORN_PID" in os.environ  # a new master takes over the old one's sockets
    if error := master.start_error(answer, addresses) or ("" if is_upgrade else master.bind_error(addresses)):
        sys.exit(error)


def when_ready(server):
    places = " and ".join(str(listener) for listener in server.LISTENERS)
    tell(f"Serving {places}. Staff edit at /admin/; make a login: make staff")


def on_reload(server):
    set_format(server)
    if answer["is_new"]:
        tell("Serving with new settings.")


def set_format(server):
    for handler in server.log.error_log.handlers:
        handler.setFormatter(JsonLine() if answer["log_json"] else handler.formatter)


def tell(text):
    record = logging.makeLogRecord({"msg": text, "levelname": "INFO", "name": "gunicorn.error"})
    print(JsonLine().format(record) if answer["log_json"] else text, flush=True)


def post_worker_init(worker):
    """End the master that this one's was started by with USR2, now that a worker of the newer release serves.

    Until then the older one serves, so a release that does not start changes nothing.
    """
    if older := os.environ.get("GUNICORN_PID"):
        sd_notify(f"MAINPID={worker.ppid}", worker.log)
        with suppress(ProcessLookupError):  # another worker was first
            os.kill(int(older), signal.SIGTERM)
