"""Restore an archive into a scratch place, and look whether it is what it was made of."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from backups import BackupError
from backups.archive import unpack
from backups.manifest import Manifest
from backups.moment import engine
from backups.versions import is_of_this_release, newer_migrations


class Checked(NamedTuple):
    manifest: Manifest
    is_of_this_release: bool
    changed: list[str]  # addresses of pages that are rendered in another way than when it was made


def check(archive: Path, folder: Path) -> Checked:
    """Unpack an archive into a new folder and try it; BackupError if it is not good, or not for this site."""
    manifest = unpack(archive, folder)
    refuse_unfit(manifest)
    is_current = is_of_this_release(manifest.migrations)  # pages of an older one need its migrations first
    with engine().loaded(folder / engine().FILE) as name:
        found = look({"database": engine().CONFIG | {"NAME": name}, "manifest": asdict(manifest), "pages": is_current})
    rows = {table for table, count in manifest.rows.items() ^ found["rows"].items()}
    if rows:
        raise BackupError(f"Its tables do not have the rows that its manifest counts: {', '.join(sorted(rows))}.")
    if manifest.content_version != found["content_version"]:
        raise BackupError("Its database is of another moment than its manifest.")
    pages = {address for address, checksum in manifest.pages.items() ^ found["pages"].items()}
    return Checked(manifest, is_current, sorted(pages) if is_current else [])


def refuse_unfit(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        advice = "set DATABASE_URL" if manifest.engine == "postgresql" else "leave DATABASE_URL empty"
        raise BackupError(f"It is of a database of another kind, {manifest.engine}: {advice} to restore it.")
    if engine().FILE not in manifest.files:
        raise BackupError("It is not a backup of this site: it has no database.")
    if newer := ", ".join(newer_migrations(manifest.migrations)):
        raise BackupError(f"It is of a newer release, with migrations that this one lacks: {newer}.")


def look(order: dict[str, Any]) -> dict[str, Any]:
    """Return what a process of its own finds in the restored database."""
    command = [sys.executable, "-m", "backups.child"]
    done = subprocess.run(  # noqa: S603 - our own program
        command, input=json.dumps(order), cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        raise BackupError(f"The site cannot be shown from it: {told}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
