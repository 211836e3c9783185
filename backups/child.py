"""A process that knows a restored database alone: counts its rows, renders its pages, and prints what it found as JSON.

Its order comes on standard input: what of the database's settings is another one, the manifest, and whether the pages
are wanted.
"""

import json
import sys
from typing import Any

import django
from django.conf import settings


def look(order: dict[str, Any]) -> dict[str, Any]:
    from backups.manifest import Manifest
    from backups.moment import content_version, row_counts
    from backups.rendering import rendered

    pages = rendered(Manifest(**order["manifest"])) if order["pages"] else {}
    return {"content_version": content_version(), "rows": row_counts(), "pages": pages}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    settings.DATABASES["default"] |= given["database"]
    django.setup()
    json.dump(look(given), sys.stdout)
