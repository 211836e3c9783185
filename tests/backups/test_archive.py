"""Archives that nobody here made."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from backups import BackupError
from backups.archive import unpack
from backups.manifest import Manifest
from backups.streams import written

EMPTY = Manifest("2026-01-01T00:00:00+00:00", "sqlite", {}, [], "v", "http://localhost", "UTC", {}, {})

NOTHING = EMPTY.to_json()


def archive(tmp_path, *members, manifest=NOTHING):
    """An archive with these members after a database of one byte; with a text or as a TarInfo."""
    with written(tmp_path / "archive", "") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        for name, content in [("database.sqlite3", b"x"), *members, ("manifest.json", manifest)]:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content or b"")
            if content is not None:
                tar.addfile(info, io.BytesIO(content))
    return tmp_path / "archive"


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


HOSTILE = {
    "a path above": ("media/../../outside", b"x"),
    "an absolute path": ("/tmp/outside", b"x"),
    "a path that begins above": ("../outside", b"x"),
    "a hidden file": ("media/.outside", b"x"),
    "a backslash": ("media\\..\\outside", b"x"),
    "a null character": ("media/a\x01b", b"x"),
    "a line more": ("media/a\n", b"x"),
    "a file beside": ("outside", b"x"),
    "a second database": ("database.sqlite3", b"y"),
    "a symbolic link": (link("media/outside", "/etc/passwd"), b""),
    "a hard link": (link("media/outside", "/etc/passwd", tarfile.LNKTYPE), b""),
    "a device": (link("media/outside", "", tarfile.CHRTYPE), b""),
    "a folder": (link("media/outside", "", tarfile.DIRTYPE), b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_member_is_refused_and_leads_nowhere(tmp_path, name):
    path = archive(tmp_path, HOSTILE[name])
    with pytest.raises(BackupError, match="It is not a backup of this site: it holds "):
        unpack(path, tmp_path / "new")
    assert {file.name for file in tmp_path.rglob("*")} <= {"archive", "new", "database.sqlite3"}
    assert not Path("/tmp/outside").exists()


def test_file_beyond_the_manifest_is_refused(tmp_path):
    with pytest.raises(BackupError, match="does not hold the files that its manifest names"):
        unpack(archive(tmp_path, ("media/pictures/a.webp", b"x")), tmp_path / "new")


def test_archive_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(BackupError, match="it has no manifest"):
        unpack(archive(tmp_path, manifest=None), tmp_path / "new")


def changed(**values):
    return json.dumps(json.loads(EMPTY.to_json()) | values).encode()


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (b"", "its manifest cannot be read"),
        (b"[]", "its manifest cannot be read"),
        (b'{"format": 1}', "its manifest cannot be read"),
        (changed(format="1"), "its manifest cannot be read"),
        (changed(made_at="yesterday"), "its manifest cannot be read"),
        (changed(made_at=None), "its manifest cannot be read"),
        (changed(more=1), "its manifest cannot be read"),
        (changed(rows=[]), "no usable “rows”"),
        (changed(files=None), "no usable “files”"),
        (changed(format=2), "newer release"),
    ],
)
def test_manifest_that_is_not_ours_is_refused(tmp_path, manifest, reason):
    with pytest.raises(BackupError, match=reason):
        unpack(archive(tmp_path, manifest=manifest), tmp_path / "new")


@pytest.mark.parametrize("content", [b"", b"Dear clinic", b"database." + bytes(5000), b"\x1f\x8b" + bytes(5000)])
def test_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(BackupError, match=r"not a backup|damaged"):
        unpack(tmp_path / "archive", tmp_path / "new")


def test_sealed_file_that_is_no_archive_is_refused(tmp_path):
    with written(tmp_path / "archive", "") as stream:
        stream.write(b"database." + b"x" * 5000)
    with pytest.raises(BackupError, match="damaged"):
        unpack(tmp_path / "archive", tmp_path / "new")
