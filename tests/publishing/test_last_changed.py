"""The time of the last change moves with whatever changes on the page."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from pages.models import HoursException
from publishing.models import Revision
from services.models import FAQ, Benefit, Service
from tests.admin.forms import filled

BEFORE = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 12, tzinfo=UTC)
MUCH_LATER = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def url(service, time_machine):
    time_machine.move_to(BEFORE, tick=False)
    service.save()
    return reverse("admin:services_service_change", args=[service.pk])


@pytest.fixture
def later(manager_client, manager, url, time_machine):
    """A later time, with a session that has not ended meanwhile."""

    def move(moment=LATER):
        time_machine.move_to(moment, tick=False)
        manager_client.force_login(manager)

    return move


def last_changed(service):
    return Service.objects.get(pk=service.pk).updated_at


def test_part_changed_in_the_form(manager_client, service, url, later):
    later()
    data = filled(manager_client, url)
    data["benefits-0-text"] = "Calmer."
    manager_client.post(url, data)
    assert last_changed(service) == LATER


def test_save_without_a_change_changes_nothing(manager_client, service, url, later):
    later()
    manager_client.post(url, filled(manager_client, url))
    assert last_changed(service) == BEFORE


def test_question_saved_in_its_own_form(manager_client, service, url, later):
    question = service.questions.first()
    place = reverse("admin:services_faq_change", args=[question.pk])
    later()
    manager_client.post(place, filled(manager_client, place, answer="New."))
    assert last_changed(service) == LATER


def test_question_that_moves_changes_both_services(service, url, later):
    other = Service.objects.create(title="Cupping", slug="cupping")
    question = service.questions.first()
    later()
    question.service = other
    question.save()
    assert (last_changed(service), last_changed(other)) == (LATER, LATER)


def test_question_moved_in_its_list(manager_client, service, url, later):
    later()
    move = reverse("admin:services_faq_move", args=[service.questions.first().pk])
    manager_client.post(move, {"move": "down:"})
    assert last_changed(service) == LATER


def test_draft_of_a_part_released_in_time(manager_client, service, url, later):
    data = filled(manager_client, url, apply_at="2026-03-03T06:00")
    data["benefits-0-text"] = "Calmer."
    manager_client.post(url, data | {"_keep": "1"})
    assert last_changed(service) == BEFORE
    later()
    assert "Calmer." in Client().get(service.get_absolute_url()).content.decode()
    assert last_changed(service) == LATER
    assert "<lastmod>2026-03-03</lastmod>" in Client().get("/sitemap.xml").content.decode()


def test_open_draft_of_a_part_published(manager_client, service, url, later):
    data = filled(manager_client, url)
    data["benefits-0-text"] = "Calmer."
    place = manager_client.post(url, data | {"_keep": "1"}).headers["Location"]
    later()
    manager_client.post(place, filled(manager_client, place))
    assert last_changed(service) == LATER


def test_part_deleted_or_added_by_a_script(service, url, later):
    later()
    service.benefits.first().delete()
    assert last_changed(service) == LATER
    later(MUCH_LATER)
    Benefit.objects.create(service=service, text="New.")
    assert last_changed(service) == MUCH_LATER


def test_fixture_brings_its_own_times(service, url, later, tmp_path):
    later()
    fixture = tmp_path / "benefit.json"
    call_command("dumpdata", "services.benefit", output=str(fixture))
    call_command("loaddata", str(fixture), verbosity=0)
    assert last_changed(service) == BEFORE


def test_whole_that_is_deleted_with_its_parts_is_gone(service, url, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        service.delete()
    assert not Service.objects.exists()


def test_general_question_and_day_belong_to_nothing_or_the_clinic(clinic, time_machine):
    time_machine.move_to(LATER, tick=False)
    FAQ.objects.create(question="Is there parking?", answer="Yes.")
    HoursException.objects.create(date="2026-12-25")
    clinic.refresh_from_db()
    assert clinic.updated_at == LATER


def test_draft_shows_when_the_live_page_was_changed(manager_client, service, url, later):
    place = manager_client.post(url, filled(manager_client, url, title="Draft", _keep="1")).headers["Location"]
    later()
    assert "Mar 2, 2026, 7 a.m. EST" in manager_client.get(place).content.decode()
    assert Revision.objects.drafts().exists()
