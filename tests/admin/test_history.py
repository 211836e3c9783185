import re

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from pages.models import Page
from pictures.models import Picture
from publishing.models import Revision
from publishing.revisions import record
from publishing.revisions.record import record_version
from publishing.revisions.snapshot import take
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import filled
from tests.admin.rows import recorded
from tests.pictures.images import quarters, upload


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


@pytest.fixture
def history(url):
    return url.replace("/change/", "/history/")


def test_history_tells_who_changed_what_in_words(manager_client, service, url, history):
    data = filled(manager_client, url, title="New title")
    data["steps-0-title"] = "First of all"
    manager_client.post(url, data)
    answer = manager_client.get(history)
    assertContains(answer, ", manager</h2>")
    text = " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())
    assert "Title Muscle scraping therapy New title" in text
    assert "Session step “First of all” Title Assessment and Consultation First of all" in text


def test_history_shows_deleted_and_added_rows(manager_client, service, url, history):
    manager_client.post(url, filled(manager_client, url) | {"benefits-0-DELETE": "on"})
    answer = manager_client.get(history)
    assertContains(answer, "Benefit “Increased blood circulation")
    assertContains(answer, "(deleted)")


def test_version_opens_from_the_history(manager_client, service, url, history):
    before = take(service)
    manager_client.post(url, filled(manager_client, url, title="New title"))
    place = re.findall(r'href="([^"]+\?revision=\d+)"', manager_client.get(history).content.decode())[-1]
    manager_client.post(place, filled(manager_client, place))
    assert take(service) == before


def test_change_by_a_script_is_in_the_history_too(manager_client, service, url, history):
    manager_client.post(url, filled(manager_client, url, summary="By staff."))
    Service.objects.update(summary="By a script.")
    manager_client.post(url, filled(manager_client, url, summary="By staff once more."))
    answer = manager_client.get(history)
    for text in ("By staff.", "By a script.", "By staff once more."):
        assertContains(answer, text)


def test_history_of_no_object_leads_back(manager_client, clinic):
    for key in ("nonsense", "00000000-0000-0000-0000-000000000001"):
        answer = manager_client.get(f"/admin/services/service/{key}/history/")
        assert answer.status_code == 302


def test_deleted_service_comes_back_under_its_key_with_its_parts(manager_client, service):
    before, pk = take(service), service.pk
    manager_client.post(f"/admin/services/service/{pk}/delete/", {"post": "yes"})
    assert not Service.objects.exists()
    answer = manager_client.get("/admin/services/service/deleted/")
    assertContains(answer, "Muscle scraping therapy")
    assertContains(answer, "<h1>Deleted services</h1>")
    assertContains(answer, "csrfmiddlewaretoken")  # of the button to log out
    place = re.search(r'href="([^"]+\?revision=\d+)"', answer.content.decode())[1]
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert take(Service.objects.get(pk=pk)) == before
    assertNotContains(manager_client.get("/admin/services/service/deleted/"), "revision=")
    assert Client().get("/services/muscle-scraping-therapy/").status_code == 200


def test_many_deleted_at_once_come_back_each(manager_client, clinic):
    chosen = list(Testimonial.objects.values_list("pk", flat=True))
    action = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    manager_client.post("/admin/testimonials/testimonial/", action)
    assert not Testimonial.objects.exists()
    answer = manager_client.get("/admin/testimonials/testimonial/deleted/")
    assertContains(answer, "revision=", count=4)


def test_deleted_is_only_for_staff_with_the_right(client, clinic, django_user_model):
    assert client.get("/admin/services/service/deleted/").status_code == 302
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    assert client.get("/admin/services/service/deleted/").status_code == 403


def test_draft_that_was_never_live_is_not_among_the_deleted(manager_client, service, url):
    Revision.objects.create(
        content_type=record_version(Service, service.pk).content_type,
        object_id="00000000-0000-0000-0000-000000000001",
        data=take(service),
    )
    assertContains(manager_client.get("/admin/services/service/deleted/"), "Nothing was deleted.")


def test_discarded_draft_can_be_opened_again_for_ninety_days(manager_client, service, url, history, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    data = filled(manager_client, url, title="Second thoughts", _keep="1")
    place = manager_client.post(url, data).headers["Location"]
    assertNotContains(manager_client.get(history), place)
    manager_client.post(place, {"_discard": "1"})
    assertContains(manager_client.get(history), f'<a href="{place}">Kept on Mar 2, 2026, 7 a.m. EST by manager</a>')
    assertContains(manager_client.get(place), "Second thoughts")
    assertNotContains(manager_client.get(place), 'name="_discard"')
    live = Revision.objects.versions().get().pk
    time_machine.move_to("2026-05-31T12:00:00Z", tick=False)
    call_command("tick")
    assert Revision.objects.count() == 2
    time_machine.move_to("2026-05-31T12:00:01Z", tick=False)
    call_command("tick")
    assert Revision.objects.get().pk == live


def test_draft_kept_later_forgets_those_of_long_ago(manager_client, url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    place = manager_client.post(url, filled(manager_client, url, _keep="1")).headers["Location"]
    manager_client.post(place, {"_discard": "1"})
    time_machine.move_to("2026-09-02T12:00:00Z", tick=False)
    manager_client.force_login(User.objects.get(username="manager"))
    manager_client.post(url, filled(manager_client, url, _keep="1"))
    assert not Revision.objects.closed().exists()


def test_answer_changed_on_its_own_stands_in_the_services_history(manager_client, manager, service, history):
    question = service.questions.first()
    place = reverse("admin:services_faq_change", args=[question.pk])
    manager_client.post(place, filled(manager_client, place, answer="Told anew."))
    assertContains(manager_client.get(history), "Told anew.")
    assert Revision.objects.of(Service, service.pk).versions().first().author == manager


def test_general_question_is_restored_and_recovered(manager_client, clinic):
    question = FAQ.objects.create(question="Is there parking?", answer="Behind the house.")
    place = reverse("admin:services_faq_change", args=[question.pk])
    manager_client.post(place, filled(manager_client, place, answer="In the street."))
    first = Revision.objects.of(FAQ, question.pk).versions().last()
    old = f"{place}?revision={first.pk}"
    manager_client.post(old, filled(manager_client, old))
    assert FAQ.objects.get(pk=question.pk).answer == "Behind the house."
    manager_client.post(reverse("admin:services_faq_delete", args=[question.pk]), {"post": "yes"})
    deleted = manager_client.get("/admin/services/faq/deleted/").content.decode()
    back = re.search(r'href="([^"]+revision=\d+)">Is there parking', deleted)[1]
    assert manager_client.post(back, filled(manager_client, back)).status_code == 302
    assert FAQ.objects.get(pk=question.pk).answer == "Behind the house."


def test_version_whose_picture_is_gone_opens_with_a_word_and_without_it(manager_client, service, url):
    picture = Picture.objects.create(file=upload(quarters()), alt="A table")
    Service.objects.update(picture=picture)
    with_picture = recorded(service)
    manager_client.post(url, filled(manager_client, url, picture=""))
    picture.delete()
    place = f"{url}?revision={with_picture.pk}"
    answer = manager_client.get(place)
    assertContains(answer, "Picture: ")
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert Service.objects.get().picture is None


def test_discarded_draft_of_a_new_page_is_found_among_the_deleted(manager_client, clinic):
    add = "/admin/pages/page/add/"
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", _keep="1")
    place = manager_client.post(add, data).headers["Location"]
    again = filled(manager_client, place, title="Where to park", _keep="1")
    place = manager_client.post(place, again).headers["Location"]
    assertRedirects(manager_client.post(place, {"_discard": "1"}), "/admin/pages/page/")
    answer = manager_client.get("/admin/pages/page/deleted/")
    assertContains(answer, f'<a href="{place}">Where to park</a>', count=1)
    assertNotContains(answer, ">Parking</a>")
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert Page.objects.get().title == "Where to park"
    assertNotContains(manager_client.get("/admin/pages/page/deleted/"), "Where to park</a>, kept")


def test_restored_version_stays_at_its_place_in_the_list(manager_client, service, url):
    first = recorded(service)
    Service.objects.update(position=7, title="Newer")
    place = f"{url}?revision={first.pk}"
    manager_client.post(place, filled(manager_client, place))
    service.refresh_from_db()
    assert (service.position, service.title) == (7, "Muscle scraping therapy")


def test_move_in_the_list_is_told_without_a_number_and_with_its_author(manager_client, manager, service, history):
    other = Service.objects.create(title="Cupping", slug="cupping", publish_at=timezone.now())
    recorded(service)
    manager_client.post(f"/admin/services/service/{other.pk}/move/", {"move": "up:"})
    latest = Revision.objects.of(Service, service.pk).versions().first()
    assert latest.author == manager
    assertContains(manager_client.get(history), "Place in its list")
    assertNotContains(manager_client.get(history), "Position")


def test_deletion_of_a_question_stands_in_the_services_history_with_its_author(manager_client, manager, service):
    one, two, *_ = service.questions.all()
    manager_client.post(reverse("admin:services_faq_delete", args=[one.pk]), {"post": "yes"})
    assert Revision.objects.of(Service, service.pk).versions().first().author == manager
    chosen = {"action": "delete_selected", "_selected_action": str(two.pk), "post": "yes"}
    manager_client.post(reverse("admin:services_faq_changelist"), chosen)
    latest = Revision.objects.of(Service, service.pk).versions().first()
    assert latest.author == manager
    assert f"questions/{two.pk}" not in latest.data["rows"]


def test_history_knows_what_a_script_did_at_once(manager_client, service, history):
    recorded(service)
    Service.objects.update(lead="By a script.")
    for _ in range(2):
        answer = manager_client.get(history)
        assertContains(answer, "By a script.")
        assertContains(answer, "<h2>Now, not changed by staff</h2>", count=1)
    assert Revision.objects.count() == 1


WRITES_OR_LOCKS = re.compile(r"^(INSERT|UPDATE|DELETE|SAVEPOINT|BEGIN)|FOR (NO KEY )?UPDATE")


def test_looking_writes_nothing(manager_client, service, url, history):
    recorded(service)
    for text in ("One.", "Two."):
        Service.objects.update(lead=text)
        for place in (url, history, "/admin/", "/admin/services/service/", "/admin/services/service/deleted/"):
            with CaptureQueriesContext(connection) as captured:
                assert manager_client.get(place).status_code == 200
            statements = [query["sql"] for query in captured]
            assert [sql for sql in statements if WRITES_OR_LOCKS.search(sql)] == [], place
    assert Revision.objects.count() == 1


def test_versions_are_in_the_order_in_which_they_were_saved_whatever_the_clock_said(
    manager_client, manager, service, url, history, time_machine
):
    for number, day in enumerate(("01", "04", "02", "03")):  # two days ahead for a while
        time_machine.move_to(f"2026-03-{day}T12:00:00Z")
        manager_client.force_login(manager)
        manager_client.post(url, filled(manager_client, url, title=f"Title {number}"))
    versions = Revision.objects.of(Service, service.pk).versions()
    assert [str(version) for version in versions] == [*(f"Title {3 - number}" for number in range(4)), str(service)]
    text = manager_client.get(history).content.decode()
    places = [text.index(f"revision={version.pk}") for version in versions]
    assert places == sorted(places)
    manager_client.get(url)
    assert versions.count() == 5
    place = f"{url}?revision={versions[0].pk}"
    manager_client.post(place, filled(manager_client, place))
    assert versions.count() == 5


@pytest.mark.django_db(transaction=True)
def test_form_is_not_of_two_moments(manager_client, service, url, monkeypatch):
    """What is read of a service and of its rows is as it was between two saves."""
    taken = record.take
    times = []

    def interrupted(obj):
        data = taken(obj)
        times.append(1)
        if len(times) == 1:
            Service.objects.update(lead="Saved meanwhile.")
        return data

    monkeypatch.setattr(record, "take", interrupted)
    assert filled(manager_client, url)["lead"] == "Saved meanwhile."
    assert len(times) == 2


def test_last_version_of_what_was_deleted_is_offered_whatever_the_clock_said(manager_client, clinic, time_machine):
    page = Page.objects.create(title="First", slug="page", body="<p>x</p>")
    for day, title in (("04", "Second"), ("02", "Third")):
        time_machine.move_to(f"2026-03-{day}T12:00:00Z")
        Page.objects.update(title=title)
        recorded(page)
    page.delete()
    answer = manager_client.get("/admin/pages/page/deleted/")
    assertContains(answer, ">Third</a>")
    assertNotContains(answer, ">Second</a>")
