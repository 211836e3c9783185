from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.core.management.commands.loaddata import Command as LoadDataCommand
from django.db import IntegrityError

from publishing.models import Part, stored_conflicts


class Command(LoadDataCommand):
    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        try:
            super().loaddata(fixture_labels)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(str(error)) from error
        for model in self.models:
            if issubclass(model, Part) and (found := stored_conflicts(model)):
                raise CommandError(" ".join(found))
