from django.conf import settings
from django.core.management import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from clinic_site.serving import unsafe


class Command(RunserverCommand):
    """Django's own at the configured address, refusing what gunicorn refuses."""

    default_addr = settings.BIND
    default_port = settings.PORT

    def inner_run(self, *args, **options):
        if problem := unsafe([(self.addr, int(self.port))]):
            raise CommandError(problem)
        super().inner_run(*args, **options)
