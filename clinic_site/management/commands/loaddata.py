from collections.abc import Sequence

from django.core.management import CommandError
from django.core.management.commands.loaddata import Command as LoadDataCommand

from publishing.models import Part, stored_conflicts


class Command(LoadDataCommand):
    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        super().loaddata(fixture_labels)
        for model in self.models:
            if issubclass(model, Part) and (found := stored_conflicts(model)):
                raise CommandError(" ".join(found))
