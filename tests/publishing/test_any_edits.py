"""Whatever two or three people do to one object, in any order: all drafts open, all pages answer, no text is lost."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.models import Clinic, HoursException, OpeningHours, Page
from publishing.models import Revision
from services.models import FAQ, Claim, Condition, Service
from testimonials.models import Testimonial
from tests.admin.forms import Fields, add_row

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS = timedelta(days=30)
CUPPING, TAPING = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
FEW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def fields(**values):
    return lambda data: data.update(values)


def row(prefix, **values):
    return lambda data: add_row(data, prefix, **values)


def deleted(prefix):
    return lambda data: data.update({f"{prefix}-0-DELETE": "on"}) if f"{prefix}-0-id" in data else None


def condition(name):
    return row("conditions", name=name, text="Helps.", position="")


def hours(opens, closes):
    return row("opening_hours", weekday="0", opens=opens, closes=closes)


NOTICE = {"notice": "Snow", "notice_until_0": "2026-03-09", "notice_until_1": "12:00"}
# For each kind: where each of the people types a text of their own, and groups of edits that are valid each by itself.
KINDS = {
    Service: (
        ("summary", "lead", "precautions"),
        [
            [fields(minutes_from="45"), fields(minutes_to="30"), fields(minutes_from="", minutes_to="")],
            [fields(slug="taken"), fields(slug="other"), fields(publish_at_0="", publish_at_1="")],
            [fields(schedule_text="", booking_phone=""), fields(schedule_text="Please call {phone} today.")],
            [
                condition("Elbow"),
                condition("Knee"),
                fields(**{"conditions-0-name": "Elbow"}),
                fields(**{"conditions-0-name": "Knee", "conditions-0-text": "Changed."}),
                deleted("conditions"),
            ],
            [
                fields(**{"claims-0-citation": ""}),
                fields(**{"claims-0-confirmed_at_0": "2026-03-01", "claims-0-confirmed_at_1": "12:00"}),
                deleted("claims"),
            ],
        ],
    ),
    Clinic: (
        ("street", "city", "headline"),
        [
            [
                row("hours_exceptions", date="2026-12-25", note="Christmas"),
                row("hours_exceptions", date="2026-12-25", opens="08:00", closes="12:00"),
                fields(**{"hours_exceptions-0-date": "2026-12-25"}),
                deleted("hours_exceptions"),
            ],
            [
                hours("08:00", "12:00"),
                hours("09:00", "17:00"),
                fields(**{"opening_hours-0-opens": "07:00", "opening_hours-0-closes": "10:00"}),
                fields(**{"opening_hours-0-weekday": "0"}),
                deleted("opening_hours"),
            ],
            [
                fields(notice="", notice_until_0="", notice_until_1=""),
                fields(**NOTICE),
                fields(notice_until_0="2026-03-12"),
                fields(notice="Ice"),
            ],
        ],
    ),
    Page: (
        ("title", "body", "title"),
        [[fields(slug="taken"), fields(slug="free"), fields(publish_at_0="", publish_at_1=""), fields(slug="other")]],
    ),
    FAQ: (
        ("question", "answer", "question"),
        [[fields(service=CUPPING), fields(service=TAPING), fields(service="")]],
    ),
    Testimonial: (
        ("quote", "name", "quote"),
        [
            [fields(service=CUPPING), fields(service=TAPING), fields(service="")],
            [
                fields(publish_at_0="", publish_at_1=""),
                fields(publish_at_0="2026-03-02", publish_at_1="12:00:00"),
                fields(consent_noted_at_0="", consent_noted_at_1=""),
                fields(consent_noted_at_0="2026-03-01", consent_noted_at_1="12:00:00"),
            ],
        ],
    ),
}


def objects():
    """One object of each kind, small, with what the edits change."""
    service = Service.objects.create(
        pk=CUPPING,
        title="Cupping",
        slug="cupping",
        publish_at=NOON - HOUR,
        minutes_from=30,
        minutes_to=45,
        session_length_text="From 30 to 45 minutes.",
        schedule_text="Call {phone}.",
        booking_phone="+19735550123",
    )
    Condition.objects.create(service=service, name="Heel", anchor="heel", text="Helps.")
    Claim.objects.create(service=service, text="A study of 2020.", citation="A, B.")
    clinic = Clinic.current()
    clinic.notice, clinic.notice_until = "Closed", NOON + timedelta(days=5)
    clinic.save()
    HoursException.objects.create(date="2026-11-26", note="Thanksgiving")
    OpeningHours.objects.create(weekday=1, opens="09:00", closes="11:00")
    page = Page.objects.create(title="Parking", slug="parking", body="<p>Here.</p>", publish_at=NOON - HOUR)
    Service.objects.create(pk=TAPING, title="Taping", slug="taping")
    question = FAQ.objects.create(service=service, question="Does it hurt?", answer="No.")
    quote = Testimonial.objects.create(quote="Thank you.", name="Ann", service=service, publish_at=NOON - HOUR)
    return {Service: service, Clinic: clinic, Page: page, FAQ: question, Testimonial: quote}


class People:
    """Members of staff, each with the form open since the beginning; if `is_new`, that of a draft of a new one."""

    def __init__(self, client, model, obj, clock, is_new):
        self.client, self.model, self.clock = client, model, clock
        self.name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        self.url = reverse(f"{self.name}_change", args=[obj.pk])
        self.typed = []
        self.key = self.draft_of_new(obj) if is_new else obj.pk
        self.url = reverse(f"{self.name}_change", args=[self.key])
        self.opened = self.place()
        self.first_form = self.form(self.opened)

    def draft_of_new(self, obj):
        """Delete the object, save a new one like it as a draft, and return its key."""
        like = self.form(self.url)
        add = reverse(f"{self.name}_add")
        own = {name: value for name, value in like.items() if "-" not in name and name != "base_version"}
        obj.delete()
        Revision.objects.all().delete()
        answer = self.client.post(add, self.form(add) | own | {"_keep": "1"})
        assert answer.status_code == 302
        return Revision.objects.get().object_id

    def place(self):
        """The address of the form now: of the object, or of the draft of a new one."""
        draft = Revision.objects.drafts().of(self.model, self.key).last()
        exists = self.model.objects.filter(pk=self.key).exists()
        return self.url if exists or not draft else f"{self.url}?revision={draft.pk}"

    def form(self, place):
        """What the form sends, or None where there is none."""
        answer = self.client.get(place)
        return Fields(answer.content.decode()).data if answer.status_code == 200 else None

    def edit(self, number, change, button, is_fresh):
        opened = self.place()
        fresh = self.form(opened) if is_fresh else None
        data = dict(fresh or self.first_form)
        place, text = KINDS[self.model][0][number], f"Typed by {number}"
        data[place] = f"<p>{text}</p>" if place == "body" else text
        change(data)
        answer = self.client.post(opened if fresh else self.opened, data | button)
        assert answer.status_code in (200, 302)
        if answer.status_code == 302:
            self.typed.append(text)
        else:
            assert text in answer.content.decode()
        self.nothing_is_lost()

    def nothing_is_lost(self):
        stored = json.dumps(list(Revision.objects.values_list("data", flat=True)))
        assert [text for text in self.typed if text not in stored] == []

    def save(self, number, change, is_fresh):
        self.edit(number, change, {}, is_fresh)

    def save_draft(self, number, change, is_fresh):
        self.edit(number, change, {"_keep": "1"}, is_fresh)

    def date(self, number, change, is_fresh):
        moment = timezone.localtime() + timedelta(minutes=30)
        self.edit(number, change, {"_keep": "1", "apply_at": f"{moment:%Y-%m-%dT%H:%M}"}, is_fresh)

    def wait(self, *_):
        self.clock.shift(HOUR)
        assert Client().get("/").status_code == 200

    def delete(self, *_):
        answer = self.client.post(self.url.replace("change", "delete"), {"post": "yes"})
        assert answer.status_code in (302, 403)

    def restore(self, *_):
        """Open the first version of all, and save it."""
        self.save_revision(Revision.objects.of(self.model, self.key).versions().last())

    def publish(self, *_):
        """Open the latest draft, and save it."""
        self.save_revision(Revision.objects.drafts().last())

    def save_revision(self, revision):
        place = f"{self.url}?revision={revision.pk}" if revision else self.url
        if data := self.form(place):
            assert self.client.post(place, data).status_code in (200, 302)

    def take_address(self, *_):
        """Somebody gives another object the address."""
        if self.model in (Service, Page) and not self.model.objects.filter(slug="taken").exists():
            self.model.objects.create(title="Other", slug="taken")

    def delete_service(self, *_):
        """Somebody deletes what a question or a quote is about."""
        Service.objects.filter(pk=CUPPING).exclude(pk=self.key).delete()

    def check(self):
        for draft in Revision.objects.drafts():
            place = f"{self.url}?revision={draft.pk}"
            data = self.form(place)
            assert data, "a draft does not open"
            assert self.client.post(place, data | {"_preview": "1"}).status_code == 200
            assert Client().get(reverse("shared_draft", args=[draft.token])).status_code == 200
        for place in (self.url, self.url.replace("change", "history"), "/admin/", f"{self.url}../../deleted/"):
            assert self.client.get(place, follow=True).status_code == 200
        for place in ("/", "/services/cupping/", "/contact/", "/parking/", "/sitemap.xml", "/contact/clinic.vcf"):
            assert Client().get(place).status_code in (200, 301, 404)


def numbered(deeds):
    """Each of at most three edits is by a person of their own."""
    return [(name, number % 3, *rest) for number, (name, *rest) in enumerate(deeds)]


@st.composite
def deeds_of(draw, model):
    """Two or three edits that touch each other, what happens between them, and time that passes."""
    group = draw(st.sampled_from(KINDS[model][1]))
    edit = st.tuples(st.sampled_from(["save", "save_draft", "date"]), st.sampled_from(group), st.booleans())
    other = st.tuples(
        st.sampled_from(["wait", "delete", "restore", "publish", "take_address", "delete_service"]),
    )
    edits, others = draw(st.lists(edit, min_size=2, max_size=3)), draw(st.lists(other, max_size=2))
    return numbered([edits[0], *others[:1], *edits[1:], ("wait",), *others[1:]])


def try_out(manager, model, deeds, is_new):
    """Do the deeds to an object, or to the draft of a new one, look at everything, and take it all back."""
    # Hours go by, and nobody is signed out for that.
    with transaction.atomic(), override_settings(SESSION_IDLE=DAYS), time_machine.travel(NOON, tick=False) as clock:
        client = Client()
        client.force_login(manager)
        people = People(client, model, objects()[model], clock, is_new and model is not Clinic)
        for name, *arguments in deeds:
            getattr(people, name)(*arguments)
        people.check()
        transaction.set_rollback(True)


@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
@FEW
@given(data=st.data())
def test_drafts_open_pages_answer_and_nothing_is_lost(clinic, manager, model, data):
    """A few that are always the same; tests/prove tries many others."""
    try_out(manager, model, data.draw(deeds_of(model)), data.draw(st.booleans()))
