"""Make a backup, prove it, and put it beside the others."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from backups import BackupError
from backups.archive import save, write
from backups.checking import check
from backups.manifest import Manifest
from backups.moment import engine, snapshot
from backups.places import fault_of, refuse_other_owner, sync, workspace
from backups.state import name_of
from backups.streams import BLOCK
from backups.thinning import thin_out
from pictures.holds import files_kept

Tell = Callable[[str], None]


class Taken(NamedTuple):
    path: Path
    manifest: Manifest
    thinned: int


def take(to: Path, tell: Tell) -> Taken:
    """Make a backup in a folder; `tell` is called with what is worth a line meanwhile."""
    data = Path(settings.DATA_DIR)
    refuse_other_owner(data)
    engine().check_present()
    prepare_folder(to)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What is not encrypted never leaves the place of the data.
    with workspace(to, tell) as outside, workspace(data, tell) as inside:
        archive = outside / "archive"
        manifest = make(archive, inside)
        refuse_other_pages(check(archive, inside / "restored").changed)
        path = publish(archive, to, manifest.moment)
    return Taken(path, manifest, thinned(to, tell))


def prepare_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BackupError(f"{folder} is not a folder: name one that backups go into.")
    if folder.resolve().is_relative_to(Path(settings.DATA_DIR).resolve()):
        raise BackupError(f"{folder} is inside DATA_DIR, and would be lost together with it: name another folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def make(archive: Path, work: Path) -> Manifest:
    with files_kept():
        database, media, manifest = snapshot(work)
        write(archive, database, media, manifest)
    database.unlink()
    return manifest


def refuse_other_pages(changed: list[str]) -> None:
    if changed:
        raise BackupError(f"The backup is not good: pages look different from it, such as {changed[0]}.")


def publish(archive: Path, folder: Path, made_at: datetime) -> Path:
    """Give the archive a name of its own: from now on it is a backup."""
    while any((folder / name_of(made_at, is_secret)).exists() for is_secret in (True, False)):
        made_at += timedelta(seconds=1)
    path = archive.replace(folder / name_of(made_at, bool(settings.BACKUP_KEY)))
    sync(folder)
    return path


def thinned(folder: Path, tell: Tell) -> int:
    try:
        return thin_out(folder)
    except OSError as error:
        tell(f"The backup is good, but older ones could not be deleted. {fault_of(error, folder)}")
        return 0


def copy(path: Path, folder: Path, tell: Tell) -> None:
    """Copy a good backup into a second folder, and compare what the disk has of it; BackupError if that fails."""
    try:
        prepare_folder(folder)
        with workspace(folder, tell) as work, path.open("rb") as file:
            copied = work / path.name
            _, wanted = save(file, copied)
            sync(copied)
            if checksum(copied) != wanted:
                raise BackupError(f"The copy in {folder} is not the same as the backup.")
            copied.replace(folder / path.name)
            sync(folder)
    except OSError as error:
        raise BackupError(fault_of(error, folder)) from error
    thinned(folder, tell)


def checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(BLOCK):
            digest.update(data)
    return digest.hexdigest()


def size_of(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.1f} MB"
