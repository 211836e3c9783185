"""The redirects, a model of Django's own, in the admin; a list of them at once; what visitors did not find."""

import json
from contextlib import nullcontext
from hashlib import sha256
from typing import Any

import django.contrib.redirects.admin
import django.contrib.sites.admin  # noqa: F401 - both register what is unregistered below
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from addresses.forms import ManyForm, RedirectForm
from addresses.live import live_among
from addresses.not_found import KEPT, MOST_LISTED, listed
from addresses.plan import Plan, planned, target_of, without_query
from addresses.redirects import apply, delete_all, redirects_among, stored_redirects, write
from addresses.spelling import address_of
from publishing.staff.searching import FoldedSearch

HIDDEN = "Does nothing: the site shows a page at the old address."
NOWHERE = "There is no page at the new address now."
LIST = "admin:redirects_redirect_changelist"

admin.site.unregister([Site, Redirect])


@admin.register(Redirect)
class RedirectAdmin(FoldedSearch):
    form = RedirectForm
    change_list_template = "admin/redirects/change_list.html"
    list_display = ["old_address", "new_address"]
    search_fields = ["old_path", "new_path"]

    def get_urls(self) -> list[URLPattern]:
        own = {"many": self.many_view, "not_found": self.not_found_view}
        return [
            path(f"{name.replace('_', '-')}/", self.admin_site.admin_view(view), name=f"redirects_redirect_{name}")
            for name, view in own.items()
        ] + super().get_urls()

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        obj.site_id = settings.SITE_ID
        if change:  # those that it hid so far
            delete_all([address_of(form.initial["old_path"]).key], but=obj.pk)
        super().save_model(request, obj, form, change)
        key = address_of(obj.old_path).key
        write(form.stored | {key: obj}, form.plan.led_on | {key: obj.new_path}, {}, form.plan.dead)
        for note in form.plan.changes[0].notes:
            self.message_user(request, note, messages.WARNING)

    # The list

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Note in each row what keeps it from leading anywhere."""
        found = super().get_changelist_instance(request)
        rows: list[Any] = list(found.result_list)
        olds = {row.pk: address_of(row.old_path) for row in rows}
        news = {row.pk: target for row in rows if (target := target_of(row.new_path))}
        asked = redirects_among(olds.values())
        live = live_among([*olds.values(), *news.values(), *map(without_query, news.values())])
        for row in rows:
            new = news.get(row.pk)
            other = asked.get(olds[row.pk].key, row)
            row.note = HIDDEN if olds[row.pk] in live else ""
            if other.pk != row.pk:
                row.note = f"Does nothing: visitors get the redirect of {other.old_path}."
            if new and not {new, without_query(new)} & live:
                row.note = row.note or NOWHERE
        return found

    @admin.display(description="old address", ordering="old_path")
    def old_address(self, row: Redirect) -> str:
        return row.old_path

    @admin.display(description="new address", ordering="new_path")
    def new_address(self, row: Any) -> str:
        shown = row.new_path or "None: the page is gone"
        return format_html('{} <span class="redirect__note">{}</span>', shown, row.note) if row.note else shown

    # Many at once

    def many_view(self, request: HttpRequest) -> HttpResponse:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = ManyForm(request.POST, request.FILES) if request.method == "POST" else ManyForm()
        if not form.is_bound or not form.is_valid():
            return self.many_page(request, form)
        is_saved = "_save" in request.POST
        with transaction.atomic() if is_saved else nullcontext():  # who only looks keeps nobody from writing
            stored = stored_redirects()
            plan = planned(form.cleaned_data["lines"], {key: row.new_path for key, row in stored.items()})
            is_seen = is_saved and request.POST.get("seen") == digest_of(plan)
            if is_seen:
                apply(plan, stored)
                self.log_many(request, plan)
        if not is_seen:
            if is_saved:
                messages.warning(request, "This is not what you saw before. Look at it, then save.")
            return self.many_page(request, ManyForm(initial={"text": form.cleaned_data["text"]}), plan)
        refused = [change.line.text for change in plan.changes if change.fault]
        messages.success(request, f"{counted(plan)}.")
        if not refused:
            return HttpResponseRedirect(reverse(LIST))
        messages.warning(request, "The lines that were refused are below. Nothing became of them.")
        return self.many_page(request, ManyForm(initial={"text": "\n".join(refused)}))

    def many_page(self, request: HttpRequest, form: ManyForm, plan: Plan | None = None) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form, "plan": plan}
        context["title"] = "Many redirects at once"
        if plan:
            kinds = [change.kind for change in plan.changes]
            context |= {"seen": digest_of(plan), "number": kinds.count("new") + kinds.count("replaces")}
            context["refused"] = kinds.count("refused")
        return TemplateResponse(request, "admin/redirects/many.html", context)

    def log_many(self, request: HttpRequest, plan: Plan) -> None:
        olds = ", ".join(str(change.old) for change in plan.good.values() if change.kind != "same")
        LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(Redirect),
            object_repr="Many at once",
            action_flag=CHANGE,
            change_message=Truncator(f"{counted(plan)}: {olds}").chars(2000),
        )

    # What visitors did not find

    def not_found_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Addresses that visitors did not find",
            "found": listed(),
            "days": KEPT.days,
            "most": MOST_LISTED,
            "is_counted": settings.NOT_FOUND_COUNTS,
        }
        return TemplateResponse(request, "admin/redirects/not_found.html", context)


def digest_of(plan: Plan) -> str:
    shown = [
        [change.line, change.kind, change.new, change.before, change.fault, change.notes] for change in plan.changes
    ]
    return sha256(json.dumps(shown).encode()).hexdigest()


def counted(plan: Plan) -> str:
    """Tell in words what was done."""
    kinds = [change.kind for change in plan.changes]
    words = {"new": "added", "replaces": "replaced", "same": "there already", "refused": "refused"}
    return ", ".join(f"{kinds.count(kind)} {word}" for kind, word in words.items() if kind in kinds)
