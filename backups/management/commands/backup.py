from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from pyrage.x25519 import Identity

from backups import BackupError
from backups.places import one_line
from backups.taking import Taken, copy, size_of, take

GOOD_WITH_FAULTS = 3  # the status of a backup that is good though something else is wrong


class Command(BaseCommand):
    help = "Make a backup of the database and the pictures while the site runs, and restore it beside to prove it."
    requires_system_checks = []  # a backup is worth most where something is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("to", nargs="?", metavar="TO", help="a folder; without it, BACKUP_DIR")
        parser.add_argument("--new-key", action="store_true", help="print a new BACKUP_KEY and do nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            self.stdout.write(f"BACKUP_KEY={Identity.generate()}")
            return
        folder = Path(options["to"]).absolute() if options["to"] else settings.BACKUP_DIR
        with one_line("No backup was made.", folder):
            taken = take(folder, self.stderr.write)
        if options["verbosity"]:
            self.stdout.write(summary(taken))
        if faults := [*self.second_copy(taken.path), *losses(taken)]:
            raise CommandError(" ".join(faults), returncode=GOOD_WITH_FAULTS)

    def second_copy(self, path: Path) -> Iterator[str]:
        second = settings.BACKUP_COPY_DIR
        if second and second != path.parent:
            try:
                copy(path, second, self.stderr.write)
            except BackupError as error:
                yield f"The backup is good, but there is no second copy of it. {error}"


def losses(taken: Taken) -> Iterator[str]:
    if missing := ", ".join(taken.manifest.missing):
        yield f"The site itself has lost files, the rest is saved: {missing}."


def summary(taken: Taken) -> str:
    manifest = taken.manifest
    figures = (
        f"{size_of(taken.path)}, {sum(manifest.rows.values()):,} rows, {len(manifest.files) - 1:,} files of pictures, "
        f"{len(manifest.pages):,} pages"
    )
    older = f" Older ones deleted: {taken.thinned}." if taken.thinned else ""
    return f"Good backup: {taken.path} ({figures}).{older}"
