"""Sign in as a browser does, from some address."""

from time import time

from django.contrib.auth import SESSION_KEY
from django.test import Client
from django_otp.oath import TOTP

from tests.accounts.conftest import PASSWORD

LOGIN = "/admin/login/"


def sign_in(name, password=PASSWORD, code="", client=None, at="192.0.2.1"):
    """The answer to the form of the login."""
    data = {"username": name, "password": password, "code": code, "next": "/admin/"}
    return (client or Client()).post(LOGIN, data, REMOTE_ADDR=at)


def is_in(answer):
    return SESSION_KEY in answer.wsgi_request.session


def addresses(number):
    return [f"198.51.{n // 250}.{n % 250 + 1}" for n in range(number)]


def code_of(device, ahead=0):
    """What the app shows now, or `ahead` times 30 seconds later."""
    totp = TOTP(device.bin_key)
    totp.time = time() + 30 * ahead
    return f"{totp.token():06}"
