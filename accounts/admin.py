"""The people who log in, and their roles."""

from typing import Any

import django_otp.plugins.otp_static.admin
import django_otp.plugins.otp_totp.admin  # noqa: F401 - both register what is unregistered below
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Field, ManyToManyField, QuerySet
from django.forms.models import ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import codes, mail, sessions
from accounts.changes import ChangeAdmin
from accounts.forms import PersonForm
from accounts.invitations import invite, is_open, link
from accounts.models import Change, Invitation
from accounts.rights import givable, may_manage, rights_of
from accounts.views import end_chosen, listed, page
from publishing.staff.fields import count_and_never_cut, kind_of
from publishing.staff.forms import user_of
from publishing.staff.searching import FoldedSearch

HELP = {
    "username": "What this person types to log in: letters, digits and @ . + - _",
    "first_name": "How colleagues know this person.",
    "last_name": "May stay empty.",
    "email": "May stay empty. Where the site can send e-mail: for the invitation, and for who forgot a password.",
    "is_active": "Without this mark nobody can log in with this name. Take it away instead of deleting a person.",
}
LOOKUPS = {"groups", "is_active", "username"}
TOLD_OF_MAIL = {
    True: (messages.SUCCESS, "The link was sent by e-mail, too."),
    False: (messages.WARNING, "The e-mail could not be sent: give the link yourself."),
    None: (messages.WARNING, "The e-mail is still on its way: if it does not come, give the link yourself."),
}
POWERS = {"is_active", "is_staff", "is_superuser"}

admin.site.register(Change, ChangeAdmin)
# Of codes there is one page for each person alone: those of the library show their secrets.
admin.site.unregister([User, Group, StaticDevice, TOTPDevice])


@admin.register(Group)
class RoleAdmin(FoldedSearch, GroupAdmin):
    """Roles are looked at by managers, and changed by those who may do everything: a right is given by each change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(User)
class PeopleAdmin(FoldedSearch, UserAdmin):
    form = add_form = PersonForm
    add_form_template = None
    change_form_template = "admin/auth/user/change_form.html"
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    add_fieldsets = [
        (None, {"fields": ["username", "first_name", "last_name", "email", "groups"]}),
    ]
    fieldsets = [
        (None, {"fields": ["username"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Rights", {"fields": ["is_active", "groups"]}),
    ]
    powers = ("Everything, and single rights", {"fields": ["is_staff", "is_superuser", "user_permissions"]})
    dates = ("Dates", {"fields": ["last_login", "date_joined"]})

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Everything"] if user.is_superuser else names) or "None yet"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    # Rights

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # Who may compare what belongs to a person, as the key of a session, learns it letter by letter.
        # What is no field is none to compare: Django leaves it out later.
        fields = {field.name for field in User._meta.get_fields()} - LOOKUPS
        return lookup.partition("__")[0] not in fields and super().lookup_allowed(lookup, value, request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # Nobody may lock themselves out or change their own roles.
        fields = super().get_readonly_fields(request, obj)
        return [*fields, *POWERS, "groups"] if obj == request.user else [*fields]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return [*shown, self.powers, self.dates] if obj and request.user.is_superuser else shown

    # The form

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kind_of(db_field) | kwargs)
        if field:
            count_and_never_cut(field, db_field)
            field.help_text = HELP.get(db_field.name, field.help_text)
        return field

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.label, field.help_text = "Roles", "What this person may do; rights of several roles add up."
            field.queryset = givable(user_of(request)).order_by("name")
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # nobody else has a login here
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        person: User = form.instance
        before = rights_of(person)
        super().save_related(request, form, formsets, change)
        if not change:
            self.send_invitation(request, person)
            return
        after, has_other_powers = rights_of(person), bool(POWERS & {*form.changed_data})
        if before != after or has_other_powers:
            Invitation.objects.filter(user=person).delete()  # it was made for who could do something else
        if before - after or has_other_powers:
            sessions.end(person, but=request.session.session_key)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        person = self.get_object(request, object_id)
        is_managed = person is not None and person != request.user and self.has_change_permission(request, person)
        own = self.sign_in_of(person) if person and is_managed else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | own)

    def sign_in_of(self, person: User) -> dict[str, Any]:
        invitation = Invitation.objects.filter(user=person).first()
        return {
            "is_managed": True,
            "person": person,
            "invitation": invitation,
            "link": link(invitation) if invitation and is_open(invitation) else "",
            "has_codes": codes.has_codes(person),
            "number_of_sessions": len(sessions.sessions_of(person)),
        }

    # How a person signs in

    def get_urls(self) -> list[URLPattern]:
        views = {"invitation": self.invitation_view, "no-code": self.no_code_view, "sessions": self.sessions_view}
        own = [
            path(f"<id>/{name}/", self.admin_site.admin_view(view), name=f"auth_user_{name.replace('-', '_')}")
            for name, view in views.items()
        ]
        # A password that one person sets for another is known to both.
        stock = [one for one in super().get_urls() if one.name != "auth_user_password_change"]
        return [*own, *stock]

    def managed(self, request: HttpRequest, key: str) -> User:
        """Return the person; for oneself there are pages that ask for the password first."""
        person: User | None = self.get_object(request, key)
        if not self.has_change_permission(request, person) or person == request.user:
            raise PermissionDenied
        if person is None:
            raise Http404
        return person

    def done(self, request: HttpRequest, person: User, words: str) -> HttpResponse:
        self.log_change(request, person, words)
        self.message_user(request, words, messages.SUCCESS)
        return redirect("admin:auth_user_change", person.pk)

    @method_decorator(require_POST)
    def invitation_view(self, request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002 - as Django's own views
        person = self.managed(request, id)
        if "_withdraw" in request.POST:
            Invitation.objects.filter(user=person).delete()
            return self.done(request, person, "Took the link back: it opens nothing any more.")
        if "_make" in request.POST:
            self.send_invitation(request, person)
            return self.done(request, person, "Made a new link to set a password.")
        raise BadRequest("No button was pressed.")

    def send_invitation(self, request: HttpRequest, person: User) -> None:
        invitation = invite(person, made_by=user_of(request))
        if settings.HAS_EMAIL and person.email:
            # Not before: the server of e-mails may be slow, and others wait for the database.
            transaction.on_commit(lambda: self.mail_invitation(request, person, invitation))

    def mail_invitation(self, request: HttpRequest, person: User, invitation: Invitation) -> None:
        context = {"person": person, "link": link(invitation), "ends_at": invitation.ends_at, "site": settings.SITE_URL}
        text = render_to_string("admin/accounts/invitation_email.txt", context)
        is_sent = mail.send_now(EmailMessage("Your login for the website", text, to=[person.email]))
        level, words = TOLD_OF_MAIL[is_sent]
        self.message_user(request, words, level)

    @method_decorator(require_POST)
    def no_code_view(self, request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        person = self.managed(request, id)
        if "_turn_off" not in request.POST:
            raise BadRequest("No button was pressed.")
        codes.turn_off(person)
        sessions.end(person)
        return self.done(request, person, "Turned sign-in codes off, and signed this person out everywhere.")

    def sessions_view(self, request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        person = self.managed(request, id)
        if request.method == "POST" and end_chosen(request, person):
            return self.done(request, person, "Signed this person out there.")
        return page(request, "sessions", f"Where {person} is signed in", person=person, **listed(request, person))
