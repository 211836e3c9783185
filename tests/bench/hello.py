"""Django's hello-world at its leanest: one view, and neither middleware, applications nor a database.

Django's own template for a project would bring seven middleware; whatever is faster than this is faster than that.
"""

import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path


def hello(request):
    return HttpResponse("Hello, world")


urlpatterns = [path("", hello)]
settings.configure(
    DEBUG=False,
    SECRET_KEY="never-signs-anything",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=sys.modules[__name__],
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
)
application = get_wsgi_application()
