"""An archive as bytes on the disk: a plain one ends with the checksum of what is before it, a secret one is of age.

So every byte counts, and a torn or changed file is known as such. What streams is never whole in memory.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from pyrage import DecryptError, EncryptError, decrypt_io, encrypt_io
from pyrage.x25519 import Identity

from backups import BackupError

AGE = b"age-encryption.org/"  # how its files begin
PLAIN = b"database."  # how ours begin: by the name of the first file
BLOCK = 1 << 20
SEAL_SIZE = len(hashlib.sha256().hexdigest()) + 2
DAMAGED = "It is damaged or torn: its checksum is not that of its content."
NO_KEY = "It is encrypted: set BACKUP_KEY to the key that it was made with."
WRONG_KEY = "It was encrypted with another key than BACKUP_KEY, or is damaged at its beginning."


class Sealed:
    """A file for writing that ends with the checksum of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def seal(self) -> None:
        self.file.write(seal_of(self.digest.hexdigest()))


def seal_of(digest: str) -> bytes:
    return f"\n{digest}\n".encode()


@contextmanager
def written(path: Path, key: str) -> Iterator[IO[bytes] | Sealed]:
    """Give a stream whose bytes are safely in a new file, for its owner alone, at the end of the block."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        if key:
            with encrypting(file, key) as stream:
                yield stream
        else:
            sealed = Sealed(file)
            yield sealed
            sealed.seal()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def read(path: Path, key: str) -> Iterator[IO[bytes]]:
    """Give what `written` was given, and perhaps its seal.

    BackupError, at the end of the block at the latest, if a byte is another one.
    """
    with path.open("rb") as file:
        start = file.read(len(AGE))
        file.seek(0)
        if start.startswith(PLAIN):
            check_seal(file)
            yield file
        elif start == AGE and not key:
            raise BackupError(NO_KEY)
        elif start == AGE:
            with decrypting(file, key) as stream:
                yield stream
        else:
            raise BackupError("It is not a backup of this site, or is damaged at its beginning.")


def check_seal(file: IO[bytes]) -> None:
    left = os.fstat(file.fileno()).st_size - SEAL_SIZE
    digest = hashlib.sha256()
    while left > 0 and (data := file.read(min(left, BLOCK))):
        digest.update(data)
        left -= len(data)
    if file.read() != seal_of(digest.hexdigest()):
        raise BackupError(DAMAGED)
    file.seek(0)


@contextmanager
def encrypting(file: IO[bytes], key: str) -> Iterator[IO[bytes]]:
    recipients = [Identity.from_str(key).to_public()]

    def encrypt(source: int) -> None:
        with os.fdopen(source, "rb") as stream:
            try:
                encrypt_io(stream, file, recipients)
            except EncryptError as error:
                # The library turns a fault of the file into a text.
                number = next((code for code in errno.errorcode if f"[Errno {code}]" in str(error)), errno.EIO)
                raise OSError(number, os.strerror(number)) from error

    source, target = os.pipe()
    with beside(encrypt, source), suppress(BrokenPipeError), os.fdopen(target, "wb") as stream:
        yield stream


@contextmanager
def decrypting(file: IO[bytes], key: str) -> Iterator[IO[bytes]]:
    def decrypt(target: int) -> None:
        with suppress(BrokenPipeError), os.fdopen(target, "wb") as stream:  # whoever reads may have had enough
            try:
                decrypt_io(file, stream, [Identity.from_str(key)])
            except DecryptError as error:
                raise BackupError(WRONG_KEY if "No matching keys" in str(error) else DAMAGED) from error
            except OSError as error:
                if error.errno is None:  # what age says of a piece that was changed
                    raise BackupError(DAMAGED) from error
                raise

    source, target = os.pipe()
    with beside(decrypt, target), os.fdopen(source, "rb") as stream:
        yield stream
        while stream.read(BLOCK):
            pass


@contextmanager
def beside(work: Callable[[int], None], descriptor: int) -> Iterator[None]:
    """Do the work in a thread until the end of the block. Its fault counts more than that of the block."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work, descriptor)
        try:
            yield
        except Exception:
            done.result()
            raise
        done.result()
