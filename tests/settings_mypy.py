"""The settings for mypy: its plugin recognizes the user model only by the app's plain name."""

from tests.settings import *
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = ["django.contrib.auth" if app.endswith(".PeopleConfig") else app for app in INSTALLED_APPS]
