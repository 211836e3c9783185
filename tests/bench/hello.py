"""Django's hello-world: one view, in a project as `startproject` makes it, with its seven middleware.

With BARE set it is at its leanest, with neither middleware nor applications, as no site is.
"""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path


def hello(request):
    return HttpResponse("Hello, world")


urlpatterns = [path("", hello)]
is_bare = "BARE" in os.environ
# https://github.com/django/django/blob/stable/5.2.x/django/conf/project_template/project_name/settings.py-tpl
APPLICATIONS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
settings.configure(
    DEBUG=False,
    SECRET_KEY="never-signs-anything",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=sys.modules[__name__],
    MIDDLEWARE=[] if is_bare else MIDDLEWARE,
    INSTALLED_APPS=[] if is_bare else [f"django.contrib.{name}" for name in APPLICATIONS],
)
application = get_wsgi_application()
