"""What an archive says of itself: the last file in it."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, get_origin

from backups import BackupError

NAME = "manifest.json"
FORMAT = 1


@dataclass
class Manifest:
    made_at: str
    engine: str  # as Django names the kind of database
    versions: dict[str, str]
    migrations: list[list[str]]  # app and name, in the order in which they were applied
    content_version: str
    site_url: str  # with the time zone: what of the settings the pages show
    time_zone: str
    rows: dict[str, int]  # by table
    pages: dict[str, str]  # the checksum of each public page by its address
    files: dict[str, list[Any]] = field(default_factory=dict)  # size and checksum by name in the archive
    missing: list[str] = field(default_factory=list)  # files that were lost before this backup
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        try:
            found = json.loads(text)
            if found["format"] > FORMAT:
                raise BackupError("It was made by a newer release of the site: restore it with that one.")
            manifest = cls(**found)
            _ = manifest.moment
        except (ValueError, TypeError, KeyError) as error:
            raise BackupError("It is not a backup of this site: its manifest cannot be read.") from error
        for one in fields(cls):
            kind: Any = one.type
            if not isinstance(getattr(manifest, one.name), get_origin(kind) or kind):
                raise BackupError(f"It is not a backup of this site: its manifest has no usable “{one.name}”.")
        return manifest
