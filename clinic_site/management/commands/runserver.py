from typing import Any

from django.conf import settings
from django.core.management import CommandError
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from clinic_site.environment import is_ipv6
from clinic_site.serving import allowed_hosts_error


class Command(RunserverCommand):
    default_addr = default_addr_ipv6 = settings.BIND
    default_port = settings.PORT

    def handle(self, *args: Any, **options: Any) -> None:
        if ":" not in (options["addrport"] or ""):
            if str(settings.BIND).startswith("unix:"):
                raise CommandError("A developer's server has no socket: BIND must be an address.")
            options["use_ipv6"] = options["use_ipv6"] or is_ipv6(settings.BIND)
        super().handle(*args, **options)

    def inner_run(self, *args: Any, **options: Any) -> None:
        if error := allowed_hosts_error([(self.addr, int(self.port))]):
            raise CommandError(error)
        super().inner_run(*args, **options)
