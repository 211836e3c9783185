"""Of which release a database is. Imports no models: the server asks before it forks."""

import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.db import connection


def applied_migrations() -> list[list[str]]:
    """Return app and name of each, in the order in which they were applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        return [list(row) for row in cursor.fetchall()]


def known_migrations() -> Iterator[tuple[str, set[str]]]:
    """Yield each app with the names that the code has for it."""
    for app in map(AppConfig.create, settings.INSTALLED_APPS):
        yield app.label, {module.name for module in pkgutil.iter_modules([str(Path(app.path) / "migrations")])}


def newer_migrations(applied: Iterable[Sequence[str]]) -> Iterator[str]:
    """Name the migrations that came after the last one that the code has, app by app.

    Those before it may have been squashed since.
    """
    applied = list(applied)
    for label, known in known_migrations():
        names = [name for app, name in applied if app == label]
        while names and names[-1] not in known and known:
            yield f"{label}.{names.pop()}"


def is_of_this_release(applied: Iterable[Sequence[str]]) -> bool:
    """Return whether the code has no migration that is still to be applied."""
    done = {tuple(one) for one in applied}
    return all((label, name) in done for label, known in known_migrations() for name in known)
