"""What must be true before the site is served on an address."""

import ipaddress
import socket

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.files.storage import storages


def is_loopback(address):
    """Whether only this machine reaches the address: (host, port), or a path for a Unix socket.

    A Unix socket counts as reached by all: it stands behind a proxy.
    """
    if isinstance(address, str):
        return False
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def unsafe(addresses):
    """Why these addresses must not be served with the present settings; empty if they may."""
    if settings.DEBUG or not all(is_loopback((host.strip("[]"), 0)) for host in settings.ALLOWED_HOSTS):
        return ""
    if all(map(is_loopback, addresses)):
        return ""
    return "Configuration: set SITE_URL or ALLOWED_HOSTS to the site's own host name to serve it beyond this machine."


def taken(addresses):
    """Why one of these addresses cannot be listened on; empty if all can."""
    for host, port in (address for address in addresses if not isinstance(address, str)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                return f"Cannot serve on {host}:{port}: {error.strerror}. Choose another port: make run PORT=8001"
    return ""


def unprepared():
    """Why no page could name its static files; empty if they are gathered or served from their sources."""
    storage = storages["staticfiles"]
    if isinstance(storage, ManifestFilesMixin) and storage.read_manifest() is None:
        return "The static files are not gathered yet. Before each start: python manage.py prepare"
    return ""
