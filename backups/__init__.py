"""Backups that are called good only once they were restored.

`manage.py backup` (`taking.py`) opens one transaction of the database that sees one moment (`moment.py`). In it the
rows are counted, the public pages rendered (`rendering.py`), and the database copied (`sqlite.py`, `postgresql.py`).
The files of pictures that this copy names follow; until they are read, `pictures.holds` keeps the site from deleting
any. All goes into one archive with a manifest of it (`archive.py`, `manifest.py`), sealed by a checksum or encrypted by
a key (`streams.py`). The archive is then restored beside it and checked (`checking.py`): each file's checksum, the
database's own rules, the number of rows, and the pages, by a process of its own that knows the restored database alone
(`child.py`). Only then it gets its name: what has the name of a backup is a good one (`state.py`). Old ones are thinned
out (`thinning.py`), and a second folder gets a copy.

`manage.py restore` (`restoring.py`) checks in the same way before it puts anything in place. `BackupError` is what both
tell in one line.
"""


class BackupError(Exception):
    """Why there is no good backup, or why one is not restored: one line for people."""
