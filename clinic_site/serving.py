"""Checks before the server starts: each returns why it must not, or an empty text."""

import ipaddress
import pkgutil
import socket
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import storages
from django.db import DatabaseError, connection

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


def newer_database_error() -> str:
    """Refuse a database that a newer release has migrated. One that does not answer is an outage, and no fault here.

    Called before the server forks: leaves no connection open, and imports no models.
    """
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return ""
    is_opened_here = connection.connection is None
    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # no models are imported yet
            newer = ", ".join(newer_migrations())
    except DatabaseError:  # also without the table of migrations
        return ""
    finally:
        if is_opened_here:
            connection.close()
    advice = "Start that release again, or restore a backup from before it."
    return (
        f"The database is of a newer release, with migrations that this one lacks: {newer}. {advice}" if newer else ""
    )


def newer_migrations() -> Iterator[str]:
    """Name the migrations that came after the last one that the code has, app by app.

    Those before it may have been squashed since.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        applied = cursor.fetchall()
    for app in map(AppConfig.create, settings.INSTALLED_APPS):
        known = {module.name for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])}
        names = [name for label, name in applied if label == app.label]
        while names and names[-1] not in known and known:
            yield f"{app.label}.{names.pop()}"
