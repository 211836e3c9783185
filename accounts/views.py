"""Pages of one person's own sign-in: codes, sessions, and the links by which a password is set."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.views.generic import TemplateView

from accounts import codes, sessions
from accounts.address import client_address
from accounts.forms import CodeForm, ForgottenForm, ProofForm
from accounts.invitations import tokens
from accounts.models import Invitation
from accounts.tries import take
from publishing.staff.forms import user_of

FORGOTTEN_FROM, FORGOTTEN_TO = 20, 3  # e-mails an hour asked for from one address, and to one


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    own = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/accounts/{template}.html", own)


# Codes


def sign_in_code(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if not codes.has_codes(user):
        return set_up(request, user)
    if "_turn_on" in request.POST:
        messages.warning(request, "Sign-in codes are on already. Missed the recovery codes? Make a new list.")
        return redirect("sign_in_code")
    form = ProofForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not proves(request, user, form.cleaned_data["proof"]):
            form.add_error("proof", "This is neither your password nor a new code. After several wrong ones, wait.")
        elif "_turn_off" in request.POST:
            codes.turn_off(user)
            messages.success(request, "Sign-in codes are turned off.")
            return redirect("sign_in_code")
        else:
            return show_recovery_codes(request, codes.new_recovery_codes(user))
    left = codes.recovery_codes_left(user)
    return page(request, "sign_in_code", "Sign-in code", form=form, left=left)


def set_up(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not proves(request, user, form.cleaned_data["password"]):
            form.add_error("password", "This is not your password. After several wrong ones, wait.")
        elif recovery_codes := codes.turn_on(request, user, form.cleaned_data["code"].replace(" ", "")):
            return show_recovery_codes(request, recovery_codes)
        else:
            form.add_error("code", "The app shows another code. Is the clock of your phone right? Try the next code.")
    device = codes.new_device(request, user)
    width, path = codes.drawing(device.config_url)
    secret = codes.secret(device)
    context = {"form": form, "width": width, "path": path, "secret": secret, "url": device.config_url}
    return page(request, "set_up_code", "Set up sign-in codes", required=settings.REQUIRE_SIGN_IN_CODES, **context)


def show_recovery_codes(request: HttpRequest, recovery_codes: list[str]) -> HttpResponse:
    return page(request, "recovery_codes", "Your recovery codes", codes=recovery_codes)


def proves(request: HttpRequest, user: User, typed: str) -> bool:
    if codes.verified(user, typed):
        return True
    return authenticate(request, username=user.get_username(), password=typed) == user


# Sessions


def own_sessions(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method == "POST":
        ended = end_chosen(request, user)
        messages.success(request, "Signed out there." if ended else "That had ended already.")
        return redirect("own_sessions")
    return page(request, "sessions", "Where you are signed in", **listed(request, user))


def end_chosen(request: HttpRequest, user: User) -> int:
    """End what a button of the list named: one session, or all; never the one that asks."""
    chosen = request.POST.get("end", "")
    here = request.session.session_key
    return sessions.end(user, "" if chosen == "all" else chosen or "none", but=here)


def listed(request: HttpRequest, user: User) -> dict[str, Any]:
    here = request.session.session_key
    rows = [(row, sessions.mark_of(row), row.session_key == here) for row in sessions.sessions_of(user)]
    return {"rows": rows, "has_others": any(not is_here for _, _, is_here in rows)}


# Links


class OfTheAdmin(TemplateView):
    """A page that looks like the admin, and needs no login."""

    title = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {**admin.site.each_context(self.request), "title": self.title, **super().get_context_data(**kwargs)}
        return context | {"has_permission": False, "is_nav_sidebar_enabled": False}


class Forgotten(OfTheAdmin, PasswordResetView):
    form_class = ForgottenForm
    template_name = "admin/accounts/forgotten.html"
    success_url = reverse_lazy("password_reset_done")
    title = "Set a new password"

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        if not settings.HAS_EMAIL:
            raise Http404
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        to = form.cleaned_data["email"].lower()
        if take(FORGOTTEN_FROM, "forgotten from", client_address(self.request)) and take(FORGOTTEN_TO, "forgotten", to):
            form.send()
        return redirect(self.get_success_url())


class SetPassword(OfTheAdmin, PasswordResetConfirmView):
    template_name = "admin/accounts/set_password.html"
    success_url = reverse_lazy("password_reset_complete")
    title = "Choose your password"

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            # Of two who send the form at the same moment, the second finds the link used.
            form.user = User.objects.select_for_update().get(pk=form.user.pk)
            token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN)
            if not self.token_generator.check_token(form.user, token):
                self.validlink = False
                return self.render_to_response(self.get_context_data())
            Invitation.objects.filter(user=form.user).delete()
            return super().form_valid(form)


class Invited(SetPassword):
    token_generator = tokens
