"""Who is signed in where, and for how long.

A session ends after IDLE without a request, and after LONGEST in all: its row holds the nearer of both as the time at
which it ends, and is written again at most once in PAUSE, or in a tenth of IDLE.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.dateparse import parse_datetime

from accounts.models import Session

PAUSE = timedelta(minutes=5)
BEGUN, SEEN, DEVICE = "begun", "seen", "device"  # in the session
# The first that stands in what a browser calls itself is its name; most of them also name others.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome"}
BROWSERS |= {"Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {"iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "a Mac"}
SYSTEMS |= {"CrOS": "a Chromebook", "Linux": "Linux"}


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.device = data.get(DEVICE, "")
        row.begun_at, row.seen_at = moment(data.get(BEGUN)), moment(data.get(SEEN))
        return row


def moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def in_words(agent: str) -> str:
    browser = next((name for word, name in BROWSERS.items() if word in agent), "A browser")
    system = next((f" on {name}" for word, name in SYSTEMS.items() if word in agent), "")
    return browser + system


def begin(request: HttpRequest, user: User, **kwargs: object) -> None:
    request.session.pop(SEEN, None)
    request.session[BEGUN] = timezone.now().isoformat()
    request.session[DEVICE] = in_words(request.headers.get("user-agent", ""))
    keep(request)


def keep(request: HttpRequest) -> None:
    """Note that somebody who signed in is here, unless that was noted just now."""
    now, begun = timezone.now(), moment(request.session.get(BEGUN))
    seen = moment(request.session.get(SEEN))
    if begun and (seen is None or now - seen >= min(PAUSE, settings.SESSION_IDLE / 10)):
        request.session[SEEN] = now.isoformat()
        request.session.set_expiry(min(now + settings.SESSION_IDLE, begun + settings.SESSION_LONGEST))


def sessions_of(user: User) -> list[Session]:
    """Return the sessions in which this person is signed in; a password that was changed since has ended others."""
    found = Session.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")
    current = user.get_session_auth_hash()
    return [row for row in found if constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), current)]


def mark_of(session: Session) -> str:
    """Return what a page calls the session: its key would let whoever reads it in."""
    return salted_hmac("accounts.session", session.session_key, algorithm="sha256").hexdigest()[:16]


def end(user: User, mark: str = "", but: str | None = None) -> int:
    """End the session of this mark, or all but the one whose key is `but`; return how many that were."""
    rows = [row for row in sessions_of(user) if row.session_key != but and mark in ("", mark_of(row))]
    Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
