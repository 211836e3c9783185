"""One moment of the database: what it holds then, copied and counted while everybody else goes on writing."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone

from backups import BackupError, postgresql, sqlite
from backups.manifest import Manifest
from backups.rendering import rendered
from backups.versions import applied_migrations, is_of_this_release, newer_migrations
from pagecache.version import SELECT_VERSION
from pictures.files import renditions
from pictures.formats import OPTIONS
from pictures.models import Picture

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def engine() -> ModuleType:
    """Return the module that knows the site's kind of database."""
    return ENGINES[connection.vendor]


def snapshot(folder: Path) -> tuple[Path, list[str], Manifest]:
    """Copy the database into a folder; return the copy, the files of pictures that it names, and what it is."""
    with frozen():
        manifest = describe()
        manifest.rows = row_counts()
        if is_of_this_release(manifest.migrations):  # or else there may be no column for what the pages show
            manifest.pages = rendered(manifest)
        names = Picture.objects.order_by("file").values_list("file", flat=True)
        media = [file for name in names for extension in OPTIONS for file in renditions(name, extension).values()]
        return engine().copy(folder), media, manifest


@contextmanager
def frozen() -> Iterator[None]:
    """Read one moment until the end of the block, and write nothing."""
    with connection.cursor() as cursor:
        cursor.execute(engine().BEGIN)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def describe() -> Manifest:
    version = content_version()  # SQLite's moment begins with the first look
    migrations = applied_migrations()
    if newer := ", ".join(newer_migrations(migrations)):
        raise BackupError(f"The database is of a newer release, with migrations that this one lacks: {newer}.")
    return Manifest(
        made_at=timezone.now().isoformat(),
        engine=connection.vendor,
        versions={
            "Django": django.get_version(),
            "Python": platform.python_version(),
            connection.display_name: ".".join(map(str, connection.get_database_version())),
        },
        migrations=migrations,
        content_version=version,
        site_url=settings.SITE_URL,
        time_zone=settings.TIME_ZONE,
        rows={},
        pages={},
    )


def content_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_VERSION)
        row = cursor.fetchone()
    if row is None:
        raise BackupError("The database is not ready yet: `python manage.py prepare` makes it so.")
    return str(row[0])


def row_counts() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
            counts[table] = cursor.fetchone()[0]
    return counts
