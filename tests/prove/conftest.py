import pytest

from tests.prove.postgresql import throwaway_server
from tests.prove.process import Site


@pytest.fixture(scope="session")
def postgresql():
    """A server of its own for these tests."""
    with throwaway_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_site(request, tmp_path):
    """A site on each database, before its first start."""
    on_server = request.param == "postgresql"
    return Site(tmp_path, request.getfixturevalue("postgresql").new_database() if on_server else "")


@pytest.fixture
def site(empty_site):
    """A site that is ready to be served."""
    assert empty_site.run("prepare").wait(120) == 0
    return empty_site
