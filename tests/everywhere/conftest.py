import pytest
from django.db import transaction
from django.test import override_settings

from tests.everywhere.deeds import World


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One of everything, and people of each role: made once for a module, whose tests take back what they write."""
    folder = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=folder), django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)
