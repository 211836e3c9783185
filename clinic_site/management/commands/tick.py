from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command

from accounts import guesses, tries
from backups.moment import engine
from backups.places import one_line
from publishing.models import Revision
from publishing.revisions.release import release_due


class Command(BaseCommand):
    help = "Release what is due, which visits do as well; delete old drafts, sessions, and counts of wrong passwords."

    def handle(self, *args: Any, **options: Any) -> None:
        with one_line("Nothing was released.", settings.DATA_DIR):
            engine().check_present()  # SQLite would make an empty file
        released = release_due()
        Revision.objects.delete_old_drafts()
        call_command("clearsessions")
        guesses.forget_old()
        tries.forget_old()
        if options["verbosity"] and released:
            self.stdout.write(f"Released {released} dated change{'s' if released > 1 else ''}.")
