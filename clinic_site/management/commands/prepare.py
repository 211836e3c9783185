import fcntl

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command


class Command(BaseCommand):
    help = "Make the database and the static files ready to be served: before each start, and safe to repeat."

    def handle(self, *args, **options):
        try:
            settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (settings.DATA_DIR / "prepare.lock").open("w")
        except OSError as error:
            raise CommandError(f"DATA_DIR: cannot write in {settings.DATA_DIR}: {error.strerror}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once prepare one after the other
            call_command("migrate", interactive=False, verbosity=0)
            call_command("load_clinic", verbosity=options["verbosity"], stdout=self.stdout)
            if not settings.DEBUG:
                call_command("collectstatic", interactive=False, verbosity=0)
