"""Checks before the server starts: each returns why it must not, or an empty text.

As a program it tells gunicorn's master what the settings say.
"""

import json
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.db import DatabaseError, connection

from backups.versions import applied_migrations, newer_migrations
from clinic_site import environment
from clinic_site.master import Address, is_loopback, no_host_error


def allowed_hosts_error(addresses: Sequence[Address]) -> str:
    return no_host_error(addresses, is_local())


def is_local() -> bool:
    """Return whether no host name is allowed but this machine's own; developers may do as they like."""
    return not settings.DEBUG and all(is_loopback((host.strip("[]"), 0)) for host in settings.ALLOWED_HOSTS)


def static_files_error() -> str:
    storage = storages["staticfiles"]
    try:
        is_missing = isinstance(storage, ManifestStaticFilesStorage) and not storage.read_manifest()
    except OSError as error:
        return f"The static files in BUILD_DIR cannot be read: {error.strerror}."
    if is_missing:
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
            newer = ", ".join(newer_migrations(applied_migrations()))
    except DatabaseError:  # also without the table of migrations
        return ""
    finally:
        if is_opened_here:
            connection.close()
    advice = "Start that release again, or restore a backup from before it."
    return (
        f"The database is of a newer release, with migrations that this one lacks: {newer}. {advice}" if newer else ""
    )


def answer() -> dict[str, Any]:
    """Return what gunicorn's master has to know."""
    try:
        host, port = settings.BIND, settings.PORT
    except ImproperlyConfigured as error:
        return {"error": f"Configuration: {error}"}
    host = f"[{host}]" if environment.is_ipv6(host) else host
    return {
        "not_ready": static_files_error() or newer_database_error(),
        "bind": host if host.startswith("unix:") else f"{host}:{port}",
        "workers": settings.WORKERS,
        "threads": settings.THREADS,
        "proxies": settings.PROXIES,
        "log_json": settings.LOG_JSON,
        "is_local": is_local(),
        "variables": environment.from_file,
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
    print(json.dumps(answer()))
