from collections.abc import Callable

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.cache import never_cache

from accounts.views import Forgotten, Invited, OfTheAdmin, SetPassword, own_sessions, sign_in_code

View = Callable[..., HttpResponseBase]
with_policy = csp(settings.ADMIN_CONTENT_SECURITY_POLICY)


def told(template: str, title: str) -> View:
    return OfTheAdmin.as_view(template_name=f"admin/accounts/{template}.html", title=title)


open_pages: dict[str, tuple[View, str]] = {
    "forgotten/": (Forgotten.as_view(), "admin_password_reset"),
    "forgotten/sent/": (told("forgotten_sent", "Look into your e-mail"), "password_reset_done"),
    "new-password/<uidb64>/<token>/": (SetPassword.as_view(), "password_reset_confirm"),
    "invitation/<uidb64>/<token>/": (Invited.as_view(), "invitation"),
    "password-set/": (told("password_set", "Your password is set"), "password_reset_complete"),
}
urlpatterns = [
    path("sign-in-code/", admin.site.admin_view(sign_in_code), name="sign_in_code"),
    path("sessions/", admin.site.admin_view(own_sessions), name="own_sessions"),
    *(path(route, with_policy(never_cache(view)), name=name) for route, (view, name) in open_pages.items()),
]
