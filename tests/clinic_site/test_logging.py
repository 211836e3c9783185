"""What the log holds, as a process of the site writes it."""

import re
import sys

import pytest

from tests.clinic_site.test_settings import run

LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[([A-Z]+)\] ([\w.]+): (.*)")


def logged(code):
    """(level, logger, message) of each line that the code logs in a process of the site."""
    start = "import django, logging; django.setup()\n"
    status, output, error = run(sys.executable, "-c", start + code, DJANGO_SETTINGS_MODULE="clinic_site.settings")
    assert (status, output) == (0, "")
    found = [LINE.fullmatch(line) for line in error.splitlines()]
    assert all(found), error
    return [match.groups() for match in found]


@pytest.mark.parametrize(
    "name", ["pagecache.cache", "publishing", "clinic_site.front", "django.db.backends", "a.library"]
)
def test_each_warning_is_one_line_with_time_level_and_logger(name):
    log = f"logging.getLogger({name!r})"
    assert logged(f"{log}.info('a detail'); {log}.warning('a %s', 'fault')") == [("WARNING", name, "a fault")]


def test_requests_of_the_server_for_developers_are_told():
    assert logged("logging.getLogger('django.server').info('GET / 200')") == [("INFO", "django.server", "GET / 200")]


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Kathmandu", "+0545"), ("Etc/UTC", "+0000")])
def test_time_is_the_clinics_with_its_offset(zone, offset):
    code = "import django, logging; django.setup(); logging.warning('now')"
    _, _, error = run(sys.executable, "-c", code, DJANGO_SETTINGS_MODULE="clinic_site.settings", TIME_ZONE=zone)
    assert LINE.fullmatch(error.strip())
    assert f" {offset}] [" in error


def test_addresses_and_hosts_that_a_visitor_made_up_are_not_told():
    told = 'logging.getLogger("django.request").warning("Not Found: /jane-doe/")'
    refused = 'logging.getLogger("django.security.DisallowedHost").error("Invalid HTTP_HOST header: jane-doe")'
    assert logged(f"{told}; {refused}") == []


def test_fault_of_a_request_is_told_once():
    code = """if True:
        import django, logging
        django.setup()
        try:
            1 / 0
        except ZeroDivisionError:
            logging.getLogger("django.request").exception("Internal Server Error: /contact/")
    """
    _, _, error = run(sys.executable, "-c", code, DJANGO_SETTINGS_MODULE="clinic_site.settings")
    told = [match.groups() for match in map(LINE.fullmatch, error.splitlines()) if match]
    assert told == [("ERROR", "django.request", "Internal Server Error: /contact/")]
    assert error.count("ZeroDivisionError: division by zero") == 1
