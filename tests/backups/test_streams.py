import errno
import random
import threading
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from backups import BackupError
from backups.streams import BLOCK, encrypting, read, written

KEY = str(Identity.generate())
CONTENT = b"database.sqlite3" + random.Random(1).randbytes(2000)


@pytest.fixture(params=["", KEY], ids=["plain", "encrypted"])
def key(request):
    return request.param


@pytest.fixture
def file(tmp_path, key):
    with written(tmp_path / "file", key) as stream:
        stream.write(CONTENT)
    return tmp_path / "file"


def content(path, key):
    with read(path, key) as stream:
        return stream.read()


def test_what_was_written_is_read(file, key):
    with read(file, key) as stream:
        assert stream.read(len(CONTENT)) == CONTENT
    assert (CONTENT in file.read_bytes()) is not bool(key)


def test_file_is_for_its_owner_alone(file):
    assert file.stat().st_mode & 0o777 == 0o600


def test_there_is_never_a_second_file_of_a_name(file, key):
    with pytest.raises(FileExistsError), written(file, key):
        pass


def test_each_flipped_byte_is_noticed(file, key):
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(BackupError, match=r"damaged|not a backup"):
            content(file, key)


def test_each_torn_copy_is_noticed(file, key):
    whole = file.read_bytes()
    for size in (*range(0, len(whole), 7), len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(BackupError, match=r"damaged|not a backup"):
            content(file, key)
    file.write_bytes(whole + b"\0")
    with pytest.raises(BackupError, match="damaged"):
        content(file, key)


def test_torn_pieces_of_a_large_file_are_noticed(tmp_path, key):
    with written(tmp_path / "large", key) as stream:
        stream.write(b"database." + bytes(1_000_000))
    whole = (tmp_path / "large").read_bytes()
    for torn in (whole[:-1], whole[: 64 * 1024 * 5], whole[:500_000] + b"x" + whole[500_001:]):
        (tmp_path / "large").write_bytes(torn)
        with pytest.raises(BackupError, match="damaged"), read(tmp_path / "large", key) as stream:
            while stream.read(BLOCK):
                pass


@pytest.mark.parametrize("key", [KEY], indirect=True, ids=["encrypted"])
def test_wrong_key_and_none_are_told_apart(file, key):
    with pytest.raises(BackupError, match="set BACKUP_KEY"):
        content(file, "")
    with pytest.raises(BackupError, match="another key"):
        content(file, str(Identity.generate()))


def test_reader_that_has_had_enough_holds_up_nothing(tmp_path, key):
    with written(tmp_path / "large", key) as stream:
        stream.write(b"database." + bytes(3_000_000))
    threads = threading.active_count()
    with pytest.raises(ValueError, match="enough"), read(tmp_path / "large", key) as stream:
        stream.read(1)
        raise ValueError("enough")
    assert threading.active_count() == threads


def test_disk_that_is_full_while_encrypting_is_told_as_such():
    with pytest.raises(OSError) as error, Path("/dev/full").open("wb", 0) as full, encrypting(full, KEY) as stream:
        for _ in range(10):
            stream.write(bytes(BLOCK))
    assert error.value.errno == errno.ENOSPC


def test_fault_of_whoever_writes_is_told(tmp_path, key):
    with pytest.raises(ValueError, match="mine"), written(tmp_path / "file", key) as stream:
        stream.write(CONTENT)
        raise ValueError("mine")


def open_files():
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_nothing_is_left_open(tmp_path, key):
    before = open_files()
    for number in range(3):
        with written(tmp_path / str(number), key) as stream:
            stream.write(CONTENT)
        content(tmp_path / str(number), key)
    assert open_files() == before
