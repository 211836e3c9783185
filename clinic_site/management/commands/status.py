import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from clinic_site.status import facts, faults, site_fault


class Command(BaseCommand):
    help = "Tell on one screen how the site is, and first what is wrong."
    requires_system_checks = []  # told among what is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wait", type=float, metavar="SECONDS", help="only wait until the site is well")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["wait"] is not None:
            self.wait(options["wait"])
            return
        found = list(faults())
        for fault in found:
            self.stdout.write(self.style.ERROR(f"! {fault}"))
        if not found:
            self.stdout.write(self.style.SUCCESS("All is well."))
        for name, fact in facts():
            self.stdout.write(f"{name + ':':13}{fact}")
        if found:
            raise SystemExit(1)

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while fault := site_fault():
            if time.monotonic() > deadline:
                raise CommandError(fault)
            time.sleep(0.2)
