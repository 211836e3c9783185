from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.prove.machines import RELEASES, install, removed
from tests.prove.pooler import pooled
from tests.prove.postgresql import throwaway_server
from tests.prove.process import Site


@pytest.fixture(scope="session")
def postgresql():
    """A server of its own for these tests."""
    with throwaway_server() as server:
        yield server


@pytest.fixture(scope="session")
def pooler(postgresql):
    """PgBouncer in front of that server: a function that gives the address of an empty database behind it."""
    with pooled(postgresql) as new_database:
        yield new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_site(request, tmp_path):
    """A site on each database, before its first start."""
    if request.param == "sqlite":
        return Site(tmp_path, "")
    if request.param == "pooler":
        return Site(tmp_path, request.getfixturevalue("pooler")())
    return Site(tmp_path, request.getfixturevalue("postgresql").new_database())


@pytest.fixture
def site(empty_site):
    """A site that is ready to be served."""
    assert empty_site.run("prepare").wait(120) == 0
    return empty_site


@pytest.fixture(scope="session")
def machines(tmp_path_factory):
    """{release: machine}, each made once."""
    folder = tmp_path_factory.mktemp("machines")
    with removed(folder), ThreadPoolExecutor() as pool:
        yield dict(zip(RELEASES, pool.map(install, [folder / name for name in RELEASES]), strict=True))
