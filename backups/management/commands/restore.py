from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from backups.checking import Checked
from backups.places import one_line
from backups.restoring import restore
from backups.state import backups_in


class Command(BaseCommand):
    help = "Bring a backup back where there is no data. It is tried in full before anything is put in place."
    requires_system_checks = []  # there is no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="a backup; without it, the newest ones are listed")

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line("Nothing was restored or changed.", settings.DATA_DIR):
            if not options["file"]:
                raise CommandError(choice())
            checked = restore(Path(options["file"]).absolute())
        if options["verbosity"]:
            self.stdout.write(summary(checked))


def choice() -> str:
    found = [str(backup.path) for backup in backups_in(settings.BACKUP_DIR)[:10]]
    lines = "\n".join(found) or f"There is none in {settings.BACKUP_DIR}."
    return f"Name the file of a backup. The newest ones:\n{lines}"


def summary(checked: Checked) -> str:
    manifest = checked.manifest
    figures = f"{sum(manifest.rows.values()):,} rows, {len(manifest.files) - 1:,} files of pictures"
    if not checked.is_of_this_release:
        pages = "It is of an older release: the next start brings it up to date."
    elif checked.changed:
        count, addresses = len(checked.changed), ", ".join(checked.changed[:5])
        pages = f"Pages that this release or its settings show in another way than then: {count}, such as {addresses}."
    else:
        pages = f"All {len(manifest.pages):,} pages are as they were."
    return f"Restored as of {manifest.moment:%Y-%m-%d %H:%M:%S} UTC: {figures}. {pages}"
