import pytest
from django.core.management import call_command

from pages.models import Clinic
from services.models import Service
from tests.configured import configured
from tests.everywhere.walk import fill

__all__ = ["configured"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """The folder of uploaded files, empty."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def clinic(db):
    """The clinic with all of its own content."""
    call_command("load_clinic", verbosity=0)
    return Clinic.objects.get()


@pytest.fixture
def service(clinic):
    """The clinic's one service, told in full."""
    return Service.objects.get()


@pytest.fixture
def manager(db, django_user_model):
    """A member of staff who may do everything."""
    return django_user_model.objects.create_superuser("manager", password="correct horse battery staple")


@pytest.fixture
def manager_client(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def full_site(clinic):
    """The clinic with one of everything that the site can hold."""
    fill(clinic)
    return clinic


@pytest.fixture
def collected(settings, tmp_path):
    """The static files as production gathers them: their folder."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "clinic_site.storage.JoinedStaticFilesStorage"}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT
