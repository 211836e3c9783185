"""Fills every field of every form that staff have, does everything with it, and looks at every page that shows it."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.db import transaction
from django.forms.formsets import DELETION_FIELD_NAME
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Change
from pages.models import Clinic
from publishing.models import Publishable, Revision
from publishing.staff.drafts import DraftAdmin
from tests.admin.extremes import bound, options, text
from tests.admin.forms import Fields, add_row, errors
from tests.admin.rows import MAKERS
from tests.everywhere.walk import ADDRESSES, DOWNLOADS

READ_ONLY = {Change}  # nobody fills in a form of it
REGISTRY = {
    model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry if model not in READ_ONLY
}
LONGEST_ANSWER = 5  # seconds of work, on a machine that is busy with other things as well
FORM = "application/x-www-form-urlencoded"


def row_of(name):
    return Clinic.objects.get() if name == "pages_clinic" else MAKERS[name](1)


class Typist:
    """A member of staff at the form of one object; `pick` chooses one of several values, and the name of a text."""

    def __init__(self, manager, name, pick):
        self.name, self.model, self.pick = name, REGISTRY[name], pick
        self.client, self.stranger = Client(), Client()
        self.client.force_login(manager)
        self.obj = row_of(name)
        self.has_drafts = isinstance(admin.site._registry[self.model], DraftAdmin)
        if isinstance(self.obj, Publishable):
            self.model.objects.filter(pk=self.obj.pk).update(publish_at=timezone.now())
        self.url = self.address("change", self.obj.pk)

    def address(self, action, *args):
        return reverse(f"admin:{self.name}_{action}", args=args)

    def ask(self, url, data=None, client=None):
        """Ask as a browser does: a fault is raised here; no answer takes long."""
        client, started = client or self.client, time.process_time()
        if data is None:
            answer = client.get(url)
        else:
            body = urlencode(data, doseq=True, encoding="utf-8", errors="surrogatepass")
            answer = client.generic("POST", url, body, content_type=FORM)
        assert time.process_time() - started < LONGEST_ANSWER, url
        assert answer.status_code < 500, url
        return answer

    def typed(self, field, name):
        """Values for the inputs of this field, by name."""
        choices = options(field)
        if choices == []:
            return {}
        if choices is None:
            kind, more = self.pick("text", None), self.pick("bound", [0, 0, 0, 1])
            return {name: text(kind, bound(field) + more)}
        value = self.pick(name, choices)
        return {f"{name}_{n}": part for n, part in enumerate(value)} if isinstance(value, tuple) else {name: value}

    def fill(self, place):
        """Return what the form holds, and the same with something in every field and one more row of each part."""
        answer = self.ask(place)
        if answer.status_code != 200:
            return None, None
        before = Fields(answer.content.decode()).data
        data = dict(before)
        self.fill_form(data, answer.context["adminform"].form)
        for inline in answer.context["inline_admin_formsets"]:
            for form in inline.formset.initial_forms[:2]:
                self.fill_form(data, form)
            row = inline.formset.empty_form
            prefix = add_row(data, inline.formset.prefix)
            for name, field in row.fields.items():
                data |= self.typed(field, f"{prefix}-{name}") if name != DELETION_FIELD_NAME else {}
        return before, data

    def fill_form(self, data, form):
        for name, field in form.fields.items():
            if name != DELETION_FIELD_NAME:
                data.update(self.typed(field, form.add_prefix(name)))

    def send(self, place, button):
        """Send a filled form; as long as it is refused, send it again without what was refused. Return the answer."""
        before, data = self.fill(place)
        if data is None:
            return None
        for turn in range(6):
            answer = self.ask(place, data | button)
            if answer.status_code == 302 or "adminform" not in (answer.context or ()):
                assert answer.status_code in (200, 302), place
                return answer
            self.check_refused(answer, data)
            data = without_refused(data, before, errors(answer), is_thorough=turn > 1)
        raise AssertionError(f"The form is refused whatever is left out: {errors(answer)}")

    def check_refused(self, answer, data):
        told = errors(answer)
        assert told, "refused without a reason"
        shown = Fields(answer.content.decode()).data
        lost = [
            name for name in data if isinstance(data[name], str) and one_line(data[name]) != one_line(shown.get(name))
        ]
        kept = {name for name, field in fields_of(answer).items() if options(field) is None}
        assert [name for name in lost if name in kept and "password" not in name] == []

    def look(self):
        self.look_at_pages()
        self.look_at_staff_pages()

    def look_at_pages(self):
        now = self.model.objects.filter(pk=self.obj.pk).first()
        own = [now.get_absolute_url()] if hasattr(now, "get_absolute_url") else []
        for place in {*ADDRESSES, *DOWNLOADS, *own}:
            self.ask(place, client=self.stranger)

    def look_at_staff_pages(self):
        found = self.address("changelist")
        for place in (found, f"{found}?q=a%00%F0%9F", self.address("history", self.obj.pk), self.url, "/admin/"):
            self.ask(place)
        for draft in Revision.objects.drafts():
            self.ask(f"{self.url}?revision={draft.pk}")
            self.ask(reverse("shared_draft", args=[draft.token]), client=self.stranger)

    def work(self, clock):
        """Do everything that the form has a button for."""
        if not self.has_drafts:
            self.send(self.url, {})
            self.look()
            return
        stale = self.fill(self.url)[1]
        self.send(self.url, {"_preview": "1"})
        self.send(self.url, {"_keep": "1"})
        self.look_at_staff_pages()
        self.send(self.url, {})
        self.look()
        self.ask(self.url, stale)  # merged with what was saved since, or refused
        self.date(clock)
        self.restore()

    def date(self, clock):
        moment = timezone.localtime() + timedelta(minutes=30)
        self.send(self.url, {"_keep": "1", "apply_at": f"{moment:%Y-%m-%dT%H:%M}"})
        clock.shift(timedelta(hours=1))
        self.look()

    def restore(self):
        first = Revision.objects.of(self.model, self.obj.pk).versions().last()
        place = f"{self.url}?revision={first.pk}"
        self.ask(place, Fields(self.ask(place).content.decode()).data)
        self.ask(self.address("deleted"))
        self.look_at_pages()


def one_line(value):
    return re.sub(r"\r\n?|\n", " ", str(value or "").replace("\x00", "").replace("\ud83d", "\ufffd" * 3)).strip()


def fields_of(answer):
    found = dict(answer.context["adminform"].form.fields)
    for inline in answer.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            found |= {form.add_prefix(name): field for name, field in form.fields.items()}
    return found


def without_refused(data, before, told, is_thorough):
    """Take back what an error stands beside, or, `is_thorough`, everything in the same row; of a new row everything."""
    data = dict(data)
    for name in told:
        prefix, number, field = re.fullmatch(r"(?:(\w+)-(\d+)-)?(.*)", name).groups()
        row = f"{prefix}-{number}-" if prefix else ""
        is_new = prefix and int(number) >= int(before[f"{prefix}-TOTAL_FORMS"])
        if is_thorough or is_new or field == "__all__":
            refused = {key for key in {*data, *before} if (key.startswith(row) if row else "-" not in key)}
        else:
            refused = {key for key in {*data, *before} if re.fullmatch(rf"{re.escape(name)}(_\d)?", key)}
        data = {key: value for key, value in data.items() if key not in refused}
        data |= {key: before[key] for key in refused if key in before}
        if is_new:
            data[f"{prefix}-TOTAL_FORMS"] = before[f"{prefix}-TOTAL_FORMS"]
    return data


def try_out(manager, name, pick, clock):
    with transaction.atomic():
        Typist(manager, name, pick).work(clock)
        transaction.set_rollback(True)
