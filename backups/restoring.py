"""Bring a backup back where there is no data: tried in full first, then put in place by rename, the database last."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from backups import BackupError
from backups.checking import Checked, check
from backups.moment import engine
from backups.places import LOCK as WORK_LOCK
from backups.places import locked, refuse_other_owner, sync, workspace
from pictures.files import FOLDER

LOCK = "prepare.lock"  # which a start of the site takes as well


def restore(archive: Path) -> Checked:
    """Restore the site's data; BackupError, and nothing changed, if the archive is not good or there are data."""
    if not archive.is_file():
        raise BackupError(f"There is no file {archive}.")
    data = Path(settings.DATA_DIR)
    refuse_other_owner(data)
    with data_folder(data), locked(data / LOCK, lambda: None):
        refuse_present()
        with workspace(data, lambda line: None) as work:
            restored = work / "restored"
            checked = check(archive, restored)
            os.sync()  # before anything has its name
            with media_in_place(restored / "media"):
                engine().put(restored / engine().FILE)
            sync(data)
    return checked


@contextmanager
def data_folder(folder: Path) -> Iterator[None]:
    """Make the folder for the block, and take it away again if that fails."""
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if is_new:
            with suppress(OSError):  # somebody else may be at work in it by now
                for lock in (LOCK, WORK_LOCK):
                    (folder / lock).unlink(missing_ok=True)
                folder.rmdir()
        raise


def media_folder() -> Path | None:
    """Return where pictures lie on this machine; None where they are kept elsewhere."""
    try:
        return Path(default_storage.path(""))
    except NotImplementedError:
        return None


def refuse_present() -> None:
    if present := engine().data_present():
        raise BackupError(f"{present}.")
    media = media_folder()
    if media and any((media / FOLDER).glob("*")):
        raise BackupError(f"There are pictures in {media} already: move them away first.")


@contextmanager
def media_in_place(folder: Path) -> Iterator[None]:
    """Put the pictures where the site looks for them, for good if the block does not fail."""
    target, names = media_folder(), [path.name for path in folder.iterdir()] if folder.exists() else []
    if target is None:
        send_media(folder)
        yield
        return
    target.mkdir(parents=True, exist_ok=True)
    passing = target / ".restoring"  # the folder of pictures may be another disk
    shutil.rmtree(passing, ignore_errors=True)
    moved: list[Path] = []
    try:
        passing.mkdir()
        for name in names:
            shutil.move(folder / name, passing)
        os.sync()
        moved.extend((passing / name).replace(target / name) for name in names)
        passing.rmdir()
        sync(target)
        yield
    except BaseException:
        for path in (passing, *moved):
            shutil.rmtree(path, ignore_errors=True)
        raise


def send_media(folder: Path) -> None:
    """Put the pictures into a store elsewhere. What stays there of a restoring that fails is taken by the next one."""
    for path in filter(Path.is_file, folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not default_storage.exists(name):  # a name never has other content
            with path.open("rb") as file:
                default_storage.save(name, File(file))
