"""Settings that all machines on one PostgreSQL database must have in common.

The hash of each is kept as the comment of a table: a start tells which differ from those of the start before.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b

from django.conf import settings
from django.db import connection

from pagecache.triggers import TABLE

PLACE = ("endpoint_url", "bucket_name", "location")  # of the store: each machine may have a key of its own


def differing_settings() -> list[str]:
    """Return the names of those that differ, and keep the new ones."""
    ours = dict(hashes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [TABLE])
        known = json.loads(cursor.fetchone()[0] or "{}")
        cursor.execute("SELECT format('COMMENT ON TABLE %%I IS %%L', %s::text, %s::text)", [TABLE, json.dumps(ours)])
        cursor.execute(cursor.fetchone()[0])
    return [name for name, value in ours.items() if known.get(name, value) != value]


def hashes() -> Iterator[tuple[str, str]]:
    store = settings.STORAGES["default"].get("OPTIONS", {})
    values = {name: getattr(settings, name) for name in ("SECRET_KEY", "SITE_URL", "TIME_ZONE")}
    values["MEDIA_STORE"] = " ".join(store.get(name, "") for name in PLACE)
    for name, value in values.items():
        yield name, blake2b(value.encode(), digest_size=12, person=b"clinic").hexdigest()
