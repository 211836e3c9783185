import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Session
from clinic_site.management.commands.prepare import NOT_READY
from tests.clinic_site.test_settings import run


@pytest.mark.django_db
def test_tick_deletes_expired_sessions_and_leaves_the_others():
    now = timezone.now()
    for key, age in (("expired", timedelta(seconds=1)), ("current", timedelta(hours=-1))):
        Session.objects.create(session_key=key, session_data="", expire_date=now - age)
    call_command("tick")
    assert [session.session_key for session in Session.objects.all()] == ["current"]


def test_tick_makes_no_database_where_there_is_none(tmp_path):
    status, output, error = run(sys.executable, "manage.py", "tick", DATA_DIR=str(tmp_path))
    assert (status, output) == (1, "")
    assert error == f"{NOT_READY}\n"
    assert list(tmp_path.iterdir()) == []
