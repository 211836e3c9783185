"""One-time codes at sign-in: an app of the person makes them, or they are from a list for when it is lost."""

import re
from base64 import b32encode

import qrcode
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django_otp import login as verify_session
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.sessions import end

NEW_KEY = "new_code_key"  # in the session: the key of an app that is being set up
RECOVERY_CODES = 10


def has_codes(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def verified(user: User, typed: str) -> Device | None:
    """Return the device whose code was typed: that of the app has six digits, one of the list has letters.

    Each code counts once. One device alone is asked, for each slows down after a wrong code.
    """
    code = re.sub(r"[\s-]", "", typed).lower()
    kind = TOTPDevice if re.fullmatch(r"[0-9]{6}", code) else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    return verify_token(user, device.persistent_id, code) if device and 0 < len(code) <= 16 else None


def new_device(request: HttpRequest, user: User) -> TOTPDevice:
    """Return the device that is being set up, of which nothing is stored before its first code is right."""
    key = request.session.setdefault(NEW_KEY, random_hex(20))
    return TOTPDevice(user=user, name="App", key=key)


def turn_on(request: HttpRequest, user: User, code: str) -> list[str] | None:
    """Store the device if it made this code; return new recovery codes, None where the code is wrong.

    All other sessions end: they began without a code.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        device = new_device(request, user)
        if has_codes(user) or not device.verify_token(code):
            transaction.set_rollback(True)
            return None
        codes = new_recovery_codes(user)
    del request.session[NEW_KEY]
    verify_session(request, device)
    end(user, but=request.session.session_key)
    return codes


def new_recovery_codes(user: User) -> list[str]:
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="List")
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def turn_off(user: User) -> bool:
    deleted = [kind.objects.filter(user=user).delete()[0] for kind in (TOTPDevice, StaticDevice)]
    return any(deleted)


def needs_codes(user: User) -> bool:
    return settings.REQUIRE_SIGN_IN_CODES and not has_codes(user)


def secret(device: TOTPDevice) -> str:
    return " ".join(re.findall("....", b32encode(device.bin_key).decode()))


def drawing(text: str) -> tuple[int, str]:
    """Return the width of a QR code in modules, and the path of an SVG that fills the dark ones."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    rows = code.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return len(rows), "".join(dark)
