import json
import socket

import pytest

from clinic_site.master import bind_error, is_loopback
from clinic_site.serving import allowed_hosts_error, static_files_error


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        (("127.0.0.1", 80), True),
        (("127.9.9.9", 80), True),
        (("::1", 80), True),
        (("localhost", 80), True),
        (("0.0.0.0", 80), False),
        (("::", 80), False),
        (("", 80), False),
        (("192.0.2.1", 80), False),
        (("clinic.example", 80), False),
        ("/run/clinic.sock", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(address, loopback):
    assert is_loopback(address) is loopback


def test_other_addresses_need_a_host_of_the_sites_own(settings):
    settings.ALLOWED_HOSTS = settings.LOCAL_HOSTS
    assert allowed_hosts_error([("127.0.0.1", 80)]) == ""
    assert allowed_hosts_error([("127.0.0.1", 80), ("0.0.0.0", 80)])
    settings.ALLOWED_HOSTS = [*settings.LOCAL_HOSTS, "www.example.com"]
    assert allowed_hosts_error([("0.0.0.0", 80)]) == ""
    settings.ALLOWED_HOSTS = [*settings.LOCAL_HOSTS, "127.0.0.2"]
    assert allowed_hosts_error([("0.0.0.0", 80)])
    settings.DEBUG = True
    assert allowed_hosts_error([("0.0.0.0", 80)]) == ""


def test_taken_port_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert bind_error([("127.0.0.1", port)]).startswith(
            f"Cannot serve on 127.0.0.1:{port}: Address already in use."
        )
    assert bind_error([("127.0.0.1", port), "/run/clinic.sock"]) == ""


def test_static_files_must_be_gathered_where_their_names_are_hashed(settings, tmp_path):
    assert static_files_error() == ""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "clinic_site.storage.JoinedStaticFilesStorage"}}
    assert "python manage.py prepare" in static_files_error()
    (tmp_path / "staticfiles.json").write_text(json.dumps({"version": "1.1", "paths": {}}))
    assert static_files_error() == ""


def test_port_whose_last_connection_lingers_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        server.accept()[0].close()
        assert client.recv(1) == b""
        address = server.getsockname()
    assert bind_error([address]) == ""


def test_address_with_colons_is_tried_as_one_of_ipv6(monkeypatch):
    made, real = [], socket.socket
    monkeypatch.setattr(socket, "socket", lambda family: made.append(family) or real())
    bind_error([("::1", 0)])
    bind_error([("127.0.0.1", 0)])
    assert made == [socket.AF_INET6, socket.AF_INET]
