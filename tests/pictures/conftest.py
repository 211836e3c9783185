import pytest

from clinic_site.media_store import media_store
from tests.pictures.stores import running_store


@pytest.fixture(scope="session")
def server_of_stores():
    with running_store() as store:
        yield store


@pytest.fixture
def use_store(settings):
    """A function that has the site keep its pictures at an address."""

    def use(address):
        settings.STORAGES = settings.STORAGES | {"default": media_store(address)}

    return use


@pytest.fixture
def keys(server_of_stores, use_store):
    """The site keeps its pictures in a store: a function that tells what is there."""
    address = server_of_stores.new_bucket()
    use_store(address)
    return lambda: server_of_stores.keys(address)
