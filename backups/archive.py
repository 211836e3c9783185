"""An archive: a tar file of the database's copy, the files of pictures and, at its end, the manifest."""

import hashlib
import io
import os
import re
import tarfile
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.storage import default_storage

from backups import BackupError
from backups import manifest as manifests
from backups.manifest import Manifest
from backups.streams import BLOCK, DAMAGED, read, written

MEDIA = "media/"
# Nothing that leads out of the folder in which it is unpacked.
OURS = re.compile(r"database\.[a-z0-9]+|manifest\.json|media(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
FOREIGN = "It is not a backup of this site: it holds {!r}."


class Hashed:
    """A file for reading, with the checksum of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        return data


def write(path: Path, database: Path, media: list[str], manifest: Manifest) -> None:
    """Write a new archive; the manifest gets to know what is in it."""
    with written(path, settings.BACKUP_KEY) as stream:
        target = cast(IO[bytes], stream)  # all that is asked of it is to write
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.USTAR_FORMAT) as tar:
            with database.open("rb") as file:
                manifest.files[database.name] = add(tar, database.name, file, database.stat().st_size)
            add_media(tar, media, manifest)
            text = manifest.to_json()
            add(tar, manifests.NAME, io.BytesIO(text), len(text))


def add_media(tar: tarfile.TarFile, media: list[str], manifest: Manifest) -> None:
    """Add the files of pictures; one that is empty is as lost as one that is not there."""
    for name in media:
        try:
            with default_storage.open(name) as opened:
                if opened.size:
                    manifest.files[MEDIA + name] = add(tar, MEDIA + name, opened, opened.size)
                    continue
        except FileNotFoundError:
            pass
        manifest.missing.append(name)
    if media and len(manifest.missing) == len(media):
        raise BackupError("None of the pictures' files is there: is the disk that they are on in place?")


def add(tar: tarfile.TarFile, name: str, file: Any, size: int) -> list[Any]:
    """Add a file; return its size and checksum."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    hashed = Hashed(file)
    tar.addfile(info, cast(IO[bytes], hashed))
    return [size, hashed.digest.hexdigest()]


def unpack(path: Path, folder: Path) -> Manifest:
    """Unpack an archive into a new folder and check every byte of it; BackupError if one is not as it was made."""
    folder.mkdir(mode=0o700)
    files = {}
    try:
        with read(path, settings.BACKUP_KEY) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for info in tar:
                if not info.isreg() or not OURS.fullmatch(info.name) or info.name in files:
                    raise BackupError(FOREIGN.format(info.name))
                files[info.name] = save(cast(IO[bytes], tar.extractfile(info)), folder / info.name)
    except (tarfile.TarError, EOFError) as error:
        raise BackupError(DAMAGED) from error
    if files.pop(manifests.NAME, None) is None:
        raise BackupError("It is not a backup of this site: it has no manifest.")
    manifest = Manifest.from_json((folder / manifests.NAME).read_bytes())
    if manifest.files != files:
        raise BackupError("It is damaged: it does not hold the files that its manifest names.")
    return manifest


def save(source: IO[bytes], path: Path) -> list[Any]:
    """Write a new file, for its owner alone; return its size and checksum."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed, size = Hashed(source), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while data := hashed.read(BLOCK):
            size += file.write(data)
    return [size, hashed.digest.hexdigest()]
