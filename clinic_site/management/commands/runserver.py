from typing import Any

from django.conf import settings
from django.core.management import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from clinic_site.serving import allowed_hosts_error


class Command(RunserverCommand):
    default_addr = settings.BIND
    default_port = settings.PORT

    def inner_run(self, *args: Any, **options: Any) -> None:
        if error := allowed_hosts_error([(self.addr, int(self.port))]):
            raise CommandError(error)
        super().inner_run(*args, **options)
