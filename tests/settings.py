"""The project's settings for tests: nothing of this machine's `.env`, and static files straight from their sources."""

import atexit
import os
import secrets
import shutil
import tempfile

DATA = tempfile.mkdtemp(prefix="clinic-tests-")
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

os.environ |= {
    "ENV_FILE": "",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DEBUG": "false",
    "DATA_DIR": DATA,
    "BUILD_DIR": f"{DATA}/build",  # without what `make run` has gathered
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "",
    "TIME_ZONE": "America/New_York",
    "PORT": "8000",
    "EMAIL_URL": "",
    "REQUIRE_SIGN_IN_CODES": "false",
    "PROXY_HOPS": "0",
    "BIND": "127.0.0.1",
    "NOT_FOUND_COUNTS": "false",
    "BACKUP_DIR": "",
    "BACKUP_COPY_DIR": "",
    "BACKUP_KEY": "",
    # Only who names a throwaway server gets another database than SQLite.
    "MEDIA_STORE": "",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
}

from clinic_site.settings import *
from clinic_site.settings import DATA_DIR, DATABASES, SQLITE, STORAGES

if DATABASES["default"] is SQLITE:
    # A file, not memory: the server under test and the test itself are two threads.
    SQLITE["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
