import pytest
from django.core.management import call_command

from backups.taking import take
from tests.everywhere.walk import fill


@pytest.fixture
def folder(settings, tmp_path):
    """The folder of backups, which is not there yet."""
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path / "data", tmp_path / "backups"
    settings.DATA_DIR.mkdir()
    return settings.BACKUP_DIR


@pytest.fixture
def live(transactional_db, folder):
    """A site with the clinic's own content, as others see it: committed."""
    call_command("load_clinic", verbosity=0)


@pytest.fixture
def full(live):
    """A site with one of everything that it can hold."""
    from pages.models import Clinic

    fill(Clinic.objects.get())


@pytest.fixture
def backup(live, folder):
    """A good backup of the clinic's own content."""
    return take(folder, print).path
