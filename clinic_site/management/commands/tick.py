from django.core.management import BaseCommand

from publishing.models import Revision
from publishing.revisions.release import release_due


class Command(BaseCommand):
    help = "Do what is due now. Not needed while the site has visitors: each visit does the same."

    def handle(self, *args, **options):
        released = release_due()
        Revision.objects.delete_old_drafts()
        if options["verbosity"] and released:
            self.stdout.write(f"Released {released} dated change{'s' if released > 1 else ''}.")
