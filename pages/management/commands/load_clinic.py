from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import BaseCommand, call_command
from django.db import transaction

from pages.models import Clinic
from services.models import Service


class Command(BaseCommand):
    help = "Load the clinic's content, if there is no clinic yet. What staff changed is never touched."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            # Lock a row that exists before any content does, so that only one process loads.
            ContentType.objects.select_for_update().get(app_label="pages", model="clinic")
            if Clinic.objects.exists() or Service.objects.exists():
                return
            call_command("loaddata", "clinic", verbosity=0)
        if options["verbosity"]:
            self.stdout.write("Loaded the clinic's content.")
