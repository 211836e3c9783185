from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import PasswordResetForm, UsernameField
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import mail
from accounts.codes import has_codes, verified

CODE_ATTRIBUTES = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class LoginForm(AdminAuthenticationForm):
    """Name, password and code at once: what is told of a wrong one does not tell which it was."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": (
            "Please enter the correct username and password, and a new code if you use codes. "
            "After several wrong ones, wait 15 minutes before you try again."
        ),
    }

    code = forms.CharField(
        label="Sign-in code",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=CODE_ATTRIBUTES),
        help_text="From your app or your list of recovery codes. Empty, if you use none.",
    )

    def confirm_login_allowed(self, user: Any) -> None:
        try:
            super().confirm_login_allowed(user)
            if has_codes(user):
                user.otp_device = verified(user, self.cleaned_data.get("code", ""))
                if user.otp_device is None:
                    raise self.get_invalid_login_error()
        except ValidationError:
            # The password was right, so nobody has counted this as a wrong guess yet.
            credentials = {"username": self.cleaned_data["username"]}
            user_login_failed.send(sender=__name__, credentials=credentials, request=self.request)
            raise self.get_invalid_login_error() from None


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "groups"]
        field_classes = {"username": UsernameField}

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Somebody has this username already. Choose another one.")
        return name


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code that the app shows now",
        max_length=10,
        widget=forms.TextInput(attrs=CODE_ATTRIBUTES | {"inputmode": "numeric"}),
    )
    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProofForm(forms.Form):
    proof = forms.CharField(
        label="Your password, or a code",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ForgottenForm(PasswordResetForm):
    """Asks who may reset a password as Django's form does, and sends it in a way that takes no time."""

    def send(self) -> None:
        for user in self.get_users(self.cleaned_data["email"]):
            mail.send_later(partial(reset_email, user))


def reset_email(user: User) -> EmailMessage:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    context = {"user": user, "link": f"{settings.SITE_URL}{path}", "site": settings.SITE_URL}
    text = render_to_string("admin/accounts/reset_email.txt", context)
    return EmailMessage("A new password for the website", text, to=[user.email])
