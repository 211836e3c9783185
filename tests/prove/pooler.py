"""PgBouncer between the site and PostgreSQL, as it hands out sessions: to each transaction the next one in turn."""

import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from tests.prove.postgresql import OWNER

SESSIONS = 3
# Whatever a session keeps from one transaction to the next is then soon met by another client.
CONFIGURATION = """
[databases]
* = host={server}
[pgbouncer]
listen_port = 5432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {sessions}
min_pool_size = {sessions}
server_round_robin = 1
max_client_conn = 500
"""


@contextmanager
def pooled(server):
    folder = server.folder / "pooler"
    folder.mkdir()
    (folder / "users").write_text(f'"{OWNER}" ""\n')
    configuration = CONFIGURATION.format(server=server.folder, folder=folder, sessions=SESSIONS)
    (folder / "configuration").write_text(configuration)
    if server.user:
        shutil.chown(folder, "postgres", "postgres")
    command = [shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"), folder / "configuration"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **server.user)
    try:
        wait_for(process, folder)
        yield lambda: server.new_database().replace(str(server.folder), str(folder))
    finally:
        process.terminate()
        process.wait(60)


def wait_for(process, folder):
    deadline = time.monotonic() + 60
    while not Path(folder / ".s.PGSQL.5432").exists():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
