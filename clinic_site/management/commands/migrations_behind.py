import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.db import connection

from clinic_site.overlap import disturbing, places, to_migrate
from clinic_site.serving import newer_database_error

STOP = "Stop the site for this update: systemctl stop clinic-site, then update, then systemctl start clinic-site."


class Command(BaseCommand):
    help = "Print {app: migration}: where the database is of what this release is to migrate. For make update."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--while-serving", action="store_true", help="refuse what the release that serves cannot live with"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
            self.stdout.write("{}")
            return
        if error := newer_database_error():
            raise CommandError(error)
        loader, plan = to_migrate()
        if options["while_serving"] and (found := "; ".join(disturbing(loader, plan))):
            raise CommandError(f"The release that serves cannot live with what this one changes: {found}. {STOP}")
        self.stdout.write(json.dumps(places(loader, plan)))
