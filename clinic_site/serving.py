"""Checks before the server starts: each returns why it must not, or an empty text."""

import ipaddress
import socket
from collections.abc import Sequence

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import storages

Address = tuple[str, int] | str


def is_loopback(address: Address) -> bool:
    """Return whether only this machine reaches the address: (host, port), or the path of a Unix socket.

    A Unix socket does not count as loopback: there is a proxy in front of it.
    """
    if isinstance(address, str):
        return False
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def allowed_hosts_error(addresses: Sequence[Address]) -> str:
    """Require a host name of the site's own as soon as one of the addresses is not loopback."""
    if settings.DEBUG or not all(is_loopback((host.strip("[]"), 0)) for host in settings.ALLOWED_HOSTS):
        return ""
    if all(map(is_loopback, addresses)):
        return ""
    return "Configuration: set SITE_URL or ALLOWED_HOSTS to the site's own host name to serve it beyond this machine."


def bind_error(addresses: Sequence[Address]) -> str:
    for host, port in (address for address in addresses if not isinstance(address, str)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                return f"Cannot serve on {host}:{port}: {error.strerror}. Choose another port: make run PORT=8001"
    return ""


def static_files_error() -> str:
    storage = storages["staticfiles"]
    if isinstance(storage, ManifestStaticFilesStorage) and not storage.read_manifest():
        return "The static files are not gathered yet. Before each start: python manage.py prepare"
    return ""
