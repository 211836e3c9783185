from typing import Any

from django.core.management import BaseCommand, call_command

from accounts import guesses, tries
from addresses import not_found
from backups import BackupError
from backups.moment import engine
from clinic_site.management.commands.prepare import NOT_READY
from publishing.models import Revision
from publishing.revisions.release import release_due


class Command(BaseCommand):
    help = "Release what is due, which visits do as well; delete old drafts, sessions, and old counts."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            engine().check_present()
        except BackupError as error:  # SQLite would make an empty file
            raise SystemExit(NOT_READY) from error
        released = release_due()
        Revision.objects.delete_old_drafts()
        call_command("clearsessions")
        guesses.forget_old()
        tries.forget_old()
        not_found.forget_old()
        if options["verbosity"] and released:
            self.stdout.write(f"Released {released} dated change{'s' if released > 1 else ''}.")
