"""What the admins of services, testimonials and pages share."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.sites.models import Site
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Page
from services.models import Service
from testimonials.models import Testimonial
from tests.admin.forms import errors, filled
from tests.admin.rows import MAKERS, address

PUBLISHABLE = ("services_service", "testimonials_testimonial", "pages_page")
WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
each_model = pytest.mark.parametrize("model", PUBLISHABLE)


def made(model, n, publish_at):
    row = MAKERS[model](n)
    row.publish_at = publish_at
    row.save()
    return row


@each_model
@pytest.mark.parametrize(
    ("publish_at", "words"),
    [
        (None, "Draft"),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "Public since Jan 1, 2026, 7 a.m. EST"),
        (datetime(2026, 1, 15, 12, tzinfo=UTC), "Public since Jan 15, 2026, 7 a.m. EST"),
        (datetime(2026, 7, 1, 13, 30, tzinfo=UTC), "Waits until Jul 1, 2026, 9:30 a.m. EDT"),
    ],
)
@time_machine.travel(WINTER, tick=False)
def test_list_and_form_tell_the_state_in_words(manager_client, model, publish_at, words):
    row = made(model, 1, publish_at)
    for url in (address(model, "changelist"), address(model, "change", row.pk)):
        assertContains(manager_client.get(url), words)


@each_model
@pytest.mark.parametrize(("state", "which"), [("draft", 0), ("waiting", 1), ("public", 2)])
def test_state_filter_shows_one_state(manager_client, model, state, which):
    now = timezone.now()
    dates = [None, now + timedelta(hours=1), now - timedelta(hours=1)]
    rows = [made(model, n, date) for n, date in enumerate(dates, start=1)]
    assertContains(manager_client.get(address(model, "changelist")), f'href="?state={state}">{state.capitalize()}</a>')
    response = manager_client.get(address(model, "changelist"), {"state": state})
    assert list(response.context["cl"].result_list) == [rows[which]]


@each_model
def test_only_what_patients_see_can_be_viewed_on_the_site(manager_client, model):
    row = made(model, 1, timezone.now())
    url = address(model, "change", row.pk)
    link = f'<a href="{row.get_absolute_url()}" class="viewsitelink">View on site</a>'
    Site.objects.update(domain="elsewhere.example")
    assertContains(manager_client.get(url), link, html=True)
    for publish_at in (None, timezone.now() + timedelta(hours=1)):
        made_private = type(row).objects.get(pk=row.pk)
        made_private.publish_at = publish_at
        made_private.save()
        assertNotContains(manager_client.get(url), "View on site")


@pytest.mark.parametrize(("moment", "zone"), [(WINTER, "EST"), (datetime(2026, 7, 1, tzinfo=UTC), "EDT")])
@each_model
def test_every_date_says_which_zone_its_time_is_in(manager, client, model, moment, zone):
    with time_machine.travel(moment):
        client.force_login(manager)
        assertContains(client.get(address(model, "add")), f"at that time. Times are in America/New_York ({zone}).")


def test_time_is_taken_as_the_clinics_own(manager_client):
    data = filled(manager_client, address("pages_page", "add"), title="Parking", slug="parking")
    data |= {"publish_at_0": "2026-07-01", "publish_at_1": "09:00"}
    manager_client.post(address("pages_page", "add"), data)
    assert Page.objects.get().publish_at == datetime(2026, 7, 1, 13, tzinfo=UTC)


def test_time_that_the_clocks_skip_is_refused_and_kept(manager_client):
    data = filled(manager_client, address("pages_page", "add"), title="Parking", slug="parking")
    data |= {"publish_at_0": "2026-03-08", "publish_at_1": "02:30"}
    response = manager_client.post(address("pages_page", "add"), data)
    assertContains(response, "couldn’t be interpreted in time zone America/New_York")
    assertContains(response, 'value="02:30"')


def test_new_row_goes_to_the_end_unless_it_is_given_a_place(manager_client):
    for n in (1, 2):
        MAKERS["services_service"](n)
    data = filled(manager_client, address("services_service", "add"), title="Massage", slug="massage")
    manager_client.post(address("services_service", "add"), data)
    assert list(Service.objects.values_list("slug", "position"))[-1] == ("massage", 3)


@each_model
def test_form_says_when_it_was_last_changed(manager_client, model):
    assertContains(manager_client.get(address(model, "add")), "Not saved yet")
    with time_machine.travel(datetime(2026, 7, 1, 13, 30, tzinfo=UTC), tick=False):
        row = MAKERS[model](1)
    assertContains(manager_client.get(address(model, "change", row.pk)), "Jul 1, 2026, 9:30 a.m. EDT")


@pytest.mark.parametrize("written", ["18:30", "18:30:00", "6:30 PM", "06:30 pm"])
def test_time_may_be_typed_as_americans_do(manager_client, clinic, written):
    values = {"name": "N", "quote": "Q", "publish_at_0": "2026-01-05", "publish_at_1": written}
    manager_client.post("/admin/testimonials/testimonial/add/", values)
    assert f"{timezone.localtime(Testimonial.objects.get(name='N').publish_at):%H:%M}" == "18:30"


@pytest.mark.parametrize("day", ["0206-01-01", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_time_that_no_database_could_tell_in_another_zone_is_refused(manager_client, clinic, day):
    values = {"name": "N", "quote": "Q", "publish_at_0": day, "publish_at_1": "23:59"}
    answer = manager_client.post("/admin/testimonials/testimonial/add/", values)
    assert errors(answer) == {"publish_at": ["Give a year from 1900 to 2999."]}


def test_history_names_the_zone_of_its_times(manager_client, service):
    LogEntry.objects.log_actions(get_user_model().objects.get().pk, [service], CHANGE, "Changed.", single_object=True)
    answer = manager_client.get(f"/admin/services/service/{service.pk}/history/")
    assert re.search(r"(a\.m\.|p\.m\.|noon|midnight) (EST|EDT)", answer.content.decode())
