"""Guesses on one account, made in the site's own shell by several processes at once."""

from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.test import RequestFactory


def guess(number, own):
    """Make so many guesses, each from an address that is this process's own; return how many were compared."""
    compared = []
    ModelBackend.authenticate = lambda self, request, username=None, password=None, **kwargs: compared.append(password)
    for n in range(number):
        request = RequestFactory().post("/", REMOTE_ADDR=f"10.{own}.{n // 250}.{n % 250 + 1}")
        authenticate(request, username="dana", password=str(n))
    return len(compared)
