"""How many guesses of a password are compared.

django-axes locks a pair of account and address. All addresses together have STRANGERS guesses an hour on one account,
and few each once it is attacked. Who signed in to it before has a cookie that tells so, and guesses of their own: an
attack from elsewhere does not lock them out. Names that are no account are counted alike.
"""

import logging
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.address import client_address
from accounts.tries import key_of, take, taken

log = logging.getLogger(__name__)

PAIR, PAIR_UNDER_ATTACK = 5, 2  # wrong guesses from one address, before it waits for AXES_COOLOFF_TIME
ATTACKED = 100  # guesses an hour by strangers on one account: from then on it counts as attacked
STRANGERS = 600  # guesses an hour by strangers on one account; none beyond is compared
FROM = 100  # guesses an hour by strangers from one address, on all accounts together
DEVICE = 60  # guesses an hour by one browser from which somebody signed in to the account before
SALT = "accounts.device"
REMEMBERED = timedelta(days=180)
MOST_ACCOUNTS = 10  # of one browser

Credentials = dict[str, Any]


class Handler(AxesDatabaseHandler):  # type: ignore[misc] # axes has no types
    def is_allowed(self, request: HttpRequest, credentials: Credentials | None = None) -> bool:
        return bool(super().is_allowed(request, credentials)) and take_guess(request, name_of(credentials))

    def user_login_failed(
        self, sender: object, credentials: Credentials, request: HttpRequest | None = None, **kwargs: object
    ) -> None:
        if not getattr(request, "axes_locked_out", False):  # what was not compared is not counted, and writes nothing
            super().user_login_failed(sender, credentials, request, **kwargs)


def name_of(credentials: Credentials | None) -> str:
    return str((credentials or {}).get("username") or "")


def take_guess(request: HttpRequest, name: str) -> bool:
    mark = mark_of(request, name)
    if mark:
        return take(DEVICE, "device", name, mark)
    address = client_address(request)
    return (address is None or take(FROM, "guesses from", address)) and take(STRANGERS, "account", name)


def failure_limit(request: HttpRequest, credentials: Credentials | None) -> int:
    name = name_of(credentials)
    is_attacked = taken("account", name) >= ATTACKED and not mark_of(request, name)
    return PAIR_UNDER_ATTACK if is_attacked else PAIR


def marks(request: HttpRequest) -> dict[str, str]:
    """Return the mark of this browser for each account, by its key, that somebody signed in to from it."""
    try:
        found = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=REMEMBERED)
    except signing.BadSignature:
        return {}
    return dict(found)


def mark_of(request: HttpRequest, name: str) -> str:
    return marks(request).get(key_of("browser", name)[:16], "")


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    known = marks(request)
    key = key_of("browser", user.get_username())[:16]
    mark = known.pop(key, "") or get_random_string(12)
    last = dict([*known.items(), (key, mark)][-MOST_ACCOUNTS:])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(last, salt=SALT),
        max_age=REMEMBERED,
        path="/admin/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def log_failure(**kwargs: object) -> None:
    log.warning("A sign-in failed.")


def forget_old() -> None:
    AccessAttempt.objects.filter(attempt_time__lte=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
