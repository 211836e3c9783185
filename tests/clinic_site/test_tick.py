from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Session


@pytest.mark.django_db
def test_tick_deletes_expired_sessions_and_leaves_the_others():
    now = timezone.now()
    for key, age in (("expired", timedelta(seconds=1)), ("current", timedelta(hours=-1))):
        Session.objects.create(session_key=key, session_data="", expire_date=now - age)
    call_command("tick")
    assert [session.session_key for session in Session.objects.all()] == ["current"]
