"""A plugin of pytest for `make mutate`, which forks its processes after Django has started."""

import os

from django.conf import settings


def pytest_configure():
    """Give each process a test database of its own, as they would all begin with the same name."""
    settings.DATABASES["default"]["TEST"]["NAME"] = settings.DATA_DIR / f"test-{os.getpid()}.sqlite3"
