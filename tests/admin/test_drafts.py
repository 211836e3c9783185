"""Preview, keep, publish: what the forms of services, testimonials, pages and the clinic have in common."""

import html
import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from publishing.models import Revision
from publishing.revisions.snapshot import take
from publishing.staff.drafts import DraftAdmin
from services.models import FAQ, Benefit, Service
from testimonials.models import Testimonial
from tests.admin.forms import Fields, add_row, errors, filled

ADD = "/admin/services/service/add/"


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


@pytest.fixture
def contributor_client(client, django_user_model):
    """Someone who may edit services, but not publish."""
    user = django_user_model.objects.create_user("contributor", password="x", is_staff=True)
    parts = ("service", "benefit", "claim", "comparison", "condition", "sessionstep", "faq")
    names = [f"{right}_{model}" for right in ("add", "change", "delete", "view") for model in parts]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    other = Client()
    other.force_login(user)
    return other


def rows():
    """How many rows each table has, but those of sessions."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label != "sessions"]
        counted = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()[0]
    return counted


def big_edit(client, url):
    """A form with a changed field, a changed row, a deleted row and a new one."""
    data = filled(client, url, title="New title")
    data["benefits-0-text"] = "Calmer."
    data["benefits-1-DELETE"] = "on"
    add_row(data, "benefits", text="Brand new.", position="0")
    return data


def previewed(response):
    """The public page inside a preview, with its links as they are outside of a frame."""
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', response.content.decode())[1])
    return page.replace('<base target="_blank">', "").replace('target="_self" href="about:srcdoc#', 'href="#')


def keep(client, url, data):
    response = client.post(url, data | {"_keep": "1"})
    assert response.status_code == 302, errors(response)
    return response.headers["Location"]


def public(service):
    return Client().get(service.get_absolute_url()).content.decode()


def test_preview_shows_the_form_and_leaves_nothing(manager_client, service, url, django_capture_on_commit_callbacks):
    data = big_edit(manager_client, url)
    before, snapshot = rows(), take(service)
    with django_capture_on_commit_callbacks() as callbacks:
        response = manager_client.post(url, data | {"_preview": "1"})
    page = previewed(response)
    assert "New title</h1>" in page
    assert page.index("Brand new.") < page.index("Calmer.")
    assert "Reduced muscle soreness" not in page
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert callbacks == []
    assert (rows(), take(service)) == (before, snapshot)


def test_preview_equals_what_saving_makes_of_the_page(manager_client, service, url):
    data = big_edit(manager_client, url)
    page = previewed(manager_client.post(url, data | {"_preview": "1"}))
    assert manager_client.post(url, data).status_code == 302
    assert public(service) == page


def test_preview_of_wrong_input_is_the_form_with_its_errors(manager_client, url):
    data = filled(manager_client, url, title="", _preview="1")
    before = rows()
    response = manager_client.post(url, data)
    assert errors(response) == {"title": ["This field is required."]}
    assert rows() == before


def test_preview_of_a_new_service_that_is_not_public(manager_client, clinic):
    before = rows()
    data = filled(manager_client, ADD, title="Fresh", slug="fresh", _preview="1")
    assert "Fresh</h1>" in previewed(manager_client.post(ADD, data))
    assert rows() == before


@pytest.mark.parametrize("model", ["testimonials_testimonial", "pages_page", "pages_clinic"])
def test_other_forms_preview_too(manager_client, full_site, model):
    label = model.replace("_", ".")
    obj = apps.get_model(label).objects.first()
    url = reverse(f"admin:{model}_change", args=[obj.pk])
    data = filled(manager_client, url)
    before = rows()
    name = next(name for name in ("quote", "title", "email") if name in data)
    data[name] = "typed@example.com"
    assert "typed@example.com" in previewed(manager_client.post(url, data | {"_preview": "1"}))
    assert rows() == before


def test_draft_leaves_the_live_page_and_opens_again(manager_client, service, url):
    live = public(service)
    place = keep(manager_client, url, big_edit(manager_client, url))
    assert public(service) == live
    assert not LogEntry.objects.exists()
    response = manager_client.get(place)
    data = Fields(response.content.decode()).data
    assert data["title"] == "New title"
    assert "Brand new." in data.values()
    assert "A draft of" in response.content.decode()


def test_published_draft_is_what_its_preview_showed(manager_client, manager, service, url):
    place = keep(manager_client, url, big_edit(manager_client, url))
    data = filled(manager_client, place, lead="Newer lead.")
    page = previewed(manager_client.post(place, data | {"_preview": "1"}))
    assert manager_client.post(place, data).status_code == 302
    assert public(service) == page
    assert not Revision.objects.drafts().exists()
    assert LogEntry.objects.get().user == manager
    version = Revision.objects.versions().first()
    assert (version.author, version.data) == (manager, take(service))


def test_kept_again_a_draft_replaces_itself(manager_client, service, url):
    place = keep(manager_client, url, big_edit(manager_client, url))
    place = keep(manager_client, place, filled(manager_client, place, title="Newer title"))
    draft = Revision.objects.drafts().get()
    assert place.endswith(f"?revision={draft.pk}")
    assert filled(manager_client, place)["title"] == "Newer title"


def test_draft_of_a_new_service_becomes_it_under_its_key(manager_client, clinic):
    data = filled(manager_client, ADD, title="Fresh", slug="fresh")
    add_row(data, "benefits", text="A benefit.", position="")
    place = keep(manager_client, ADD, data)
    assert not Service.objects.filter(slug="fresh").exists()
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    fresh = Service.objects.get(slug="fresh")
    assert fresh.pk == Revision.objects.versions().first().object_id
    assert [benefit.text for benefit in fresh.benefits.all()] == ["A benefit."]


def test_changes_that_do_not_touch_are_both_live(manager_client, service, url):
    mine, theirs = filled(manager_client, url, title="Mine"), filled(manager_client, url, summary="Theirs.")
    assert manager_client.post(url, theirs).status_code == 302
    assert manager_client.post(url, mine).status_code == 302
    service.refresh_from_db()
    assert (service.title, service.summary) == ("Mine", "Theirs.")


def test_script_that_changed_the_page_meanwhile_is_merged_too(manager_client, service, url):
    mine = filled(manager_client, url, title="Mine")
    Service.objects.update(summary="By a script.")
    Benefit.objects.create(service=service, text="By a script too.")
    assert manager_client.post(url, mine).status_code == 302
    service.refresh_from_db()
    assert (service.title, service.summary, service.benefits.count()) == ("Mine", "By a script.", 6)


def test_clash_keeps_the_second_text_as_a_draft_and_tells_who(manager_client, service, url):
    mine, theirs = filled(manager_client, url, title="Mine"), filled(manager_client, url, title="Theirs")
    assert manager_client.post(url, theirs).status_code == 302
    answer = manager_client.post(url, mine, follow=True)
    text = answer.content.decode()
    service.refresh_from_db()
    assert service.title == "Theirs"
    assert "manager (" in text
    assert "changed the same place meanwhile" in text
    assert "<td>Theirs</td><td>Mine</td>" in text
    data = Fields(text).data
    assert data["title"] == "Mine"
    place = answer.redirect_chain[-1][0]
    assert manager_client.post(place, data).status_code == 302
    service.refresh_from_db()
    assert service.title == "Mine"


def test_clash_with_a_script_tells_when_it_was_noticed(manager_client, url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    mine = filled(manager_client, url, title="Mine")
    Service.objects.update(title="By a script")
    time_machine.shift(3600)
    text = manager_client.post(url, mine, follow=True).content.decode()
    assert "but not saved: Someone (Mar 2, 2026, 8 a.m. EST) changed the same place meanwhile." in text


def change_twice(service):
    """As a program does that staff know nothing of: what was there in between is recorded nowhere."""
    Service.objects.update(summary="First by a script.")
    Service.objects.update(summary="Then by a script.")


def test_form_brings_its_base_along_where_nobody_has_recorded_it(manager_client, service, url):
    mine = filled(manager_client, url, title="Mine")
    assert mine["base_data"]
    change_twice(service)
    assert manager_client.post(url, mine).status_code == 302
    service.refresh_from_db()
    assert (service.title, service.summary) == ("Mine", "Then by a script.")
    versions = Revision.objects.of(Service, service.pk).versions()
    assert [version.number for version in versions] == [2, 1]
    assert "base_data" not in filled(manager_client, url)


def test_draft_whose_base_nobody_has_recorded_holds_what_came_meanwhile(manager_client, service, url):
    mine = filled(manager_client, url, title="Mine", _keep="1")
    change_twice(service)
    place = manager_client.post(url, mine).headers["Location"]
    shown = filled(manager_client, place)
    assert (shown["title"], shown["summary"]) == ("Mine", "Then by a script.")
    manager_client.post(place, shown)
    service.refresh_from_db()
    assert (service.title, service.summary) == ("Mine", "Then by a script.")


def test_base_comes_along_with_a_form_that_is_shown_again(manager_client, service, url):
    again = Fields(manager_client.post(url, filled(manager_client, url, title="")).content.decode()).data
    change_twice(service)
    assert manager_client.post(url, again | {"title": "Mine"}).status_code == 302
    service.refresh_from_db()
    assert (service.title, service.summary) == ("Mine", "Then by a script.")


@pytest.mark.parametrize("how", ["made up", "of another object", "of somebody else", "missing", "of another moment"])
def test_base_that_is_not_what_the_form_began_with_counts_as_lost(
    manager_client, manager, service, url, django_user_model, how
):
    mine = filled(manager_client, url, title="Mine")
    if how == "of another object":
        other = Service.objects.create(title="Other", slug="other")
        mine["base_data"] = filled(manager_client, reverse("admin:services_service_change", args=[other.pk]))[
            "base_data"
        ]
    elif how == "of another moment":
        Service.objects.update(summary="In between.")
        mine["base_data"] = filled(manager_client, url)["base_data"]
    elif how == "of somebody else":
        manager_client.force_login(django_user_model.objects.create_superuser("other"))
    else:
        mine["base_data"] = {"made up": "x" * 5000 + "\x00:y:z", "missing": ""}[how]
    change_twice(service)
    answer = manager_client.post(url, mine, follow=True)
    assert "changed meanwhile, not by staff. Compare, then save again." in answer.content.decode()
    assert Fields(answer.content.decode()).data["title"] == "Mine"
    service.refresh_from_db()
    assert service.title != "Mine"


def test_what_was_deleted_meanwhile_is_kept_and_comes_back_only_when_saved_again(manager_client, service, url):
    mine = filled(manager_client, url, title="Mine")
    service.delete()
    answer = manager_client.post(url, mine, follow=True)
    assert "deleted meanwhile. Save again to bring it back." in answer.content.decode()
    assert not Service.objects.exists()
    place = answer.redirect_chain[-1][0]
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert Service.objects.get().title == "Mine"
    assert Service.objects.get().benefits.count() == 5


def test_address_that_another_took_in_the_same_moment_is_an_error_of_the_form(manager_client, clinic, monkeypatch):
    changeform_view = DraftAdmin.changeform_view

    def beaten(*args, **kwargs):
        monkeypatch.setattr(DraftAdmin, "changeform_view", changeform_view)
        Service.objects.create(title="First", slug="fresh")
        raise IntegrityError

    typed = filled(manager_client, ADD, title="Second", slug="fresh")
    monkeypatch.setattr(DraftAdmin, "changeform_view", beaten)
    answer = manager_client.post(ADD, typed)
    assert errors(answer) == {"slug": ["Service with this Address already exists."]}


def test_old_version_is_restored_with_its_parts(manager_client, service, url):
    before = take(service)
    assert manager_client.post(url, big_edit(manager_client, url)).status_code == 302
    first = Revision.objects.versions().last()
    place = f"{url}?revision={first.pk}"
    assert "makes it live again" in manager_client.get(place).content.decode()
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert take(service) == before


def test_save_without_a_change_makes_no_second_version_of_the_same(manager_client, service, url):
    before = take(service)
    for _ in range(2):
        assert manager_client.post(url, filled(manager_client, url)).status_code == 302
    assert before == take(service) == Revision.objects.versions().get().data


@pytest.mark.parametrize("button", [{}, {"_save": "1"}, {"_continue": "1"}])
def test_time_typed_before_saving_keeps_a_dated_draft(manager_client, service, url, button):
    data = filled(manager_client, url, title="In time", apply_at="2099-12-24T09:00")
    answer = manager_client.post(url, data | button, follow=True)
    assert "Kept as a draft. It goes live by itself on Dec 24, 2099, 9 a.m. EST" in answer.content.decode()
    service.refresh_from_db()
    assert service.title == "Muscle scraping therapy"
    place = answer.redirect_chain[-1][0]
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    service.refresh_from_db()
    assert service.title == "In time", "the open draft is saved before its time"


def test_new_page_that_is_dated_is_public_at_its_time(manager_client, clinic, client, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    add = reverse("admin:pages_page_add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", apply_at="2026-03-02T09:00")
    place = keep(manager_client, add, data)
    place = keep(manager_client, place, filled(manager_client, place, apply_at="2026-03-02T10:00"))
    visitor = Client()
    for moment, status in (("14:30", 404), ("15:00", 200)):
        time_machine.move_to(f"2026-03-02T{moment}:00Z", tick=False)
        assert visitor.get("/parking/").status_code == status
    assert Revision.objects.versions().first().data["rows"]


def test_date_taken_from_a_new_page_leaves_it_a_draft(manager_client, clinic):
    add = reverse("admin:pages_page_add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", apply_at="2099-03-02T09:00")
    place = keep(manager_client, add, data)
    assert filled(manager_client, place)["publish_at_0"] == "2099-03-02"
    place = keep(manager_client, place, filled(manager_client, place, apply_at=""))
    assert filled(manager_client, place)["publish_at_0"] == ""


def test_saved_page_without_a_date_says_that_patients_do_not_see_it(manager_client, clinic):
    add = reverse("admin:pages_page_add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>")
    assert "Patients do not see it yet" in manager_client.post(add, data, follow=True).content.decode()
    data |= {"slug": "b", "publish_at_0": "2020-01-01", "publish_at_1": "00:00"}
    assert "Patients do not see it yet" not in manager_client.post(add, data, follow=True).content.decode()


def test_time_that_the_clocks_skip_is_told_in_words(manager_client, url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    data = filled(manager_client, url, title="Kept", apply_at="2026-03-08T02:30", _keep="1")
    text = manager_client.post(url, data, follow=True).content.decode()
    assert "Kept as a draft, but clocks change at that time: choose another." in text


def test_clash_of_a_dated_draft_says_that_its_date_is_gone(manager_client, service, url):
    place = keep(manager_client, url, filled(manager_client, url, title="Dated", apply_at="2099-01-01T00:00"))
    mine = filled(manager_client, place, title="Mine")
    Service.objects.update(title="Theirs")
    text = manager_client.post(place, mine, follow=True).content.decode()
    assert "Compare, then save again. It has no date now." in text


def test_draft_discarded_twice_says_so(manager_client, url):
    place = keep(manager_client, url, filled(manager_client, url, title="Gone"))
    manager_client.post(place, {"_discard": "1"})
    answer = manager_client.post(place, {"_discard": "1"}, follow=True)
    assert "The draft was already discarded." in answer.content.decode()
    text = manager_client.get(place).content.decode()
    assert "that was discarded or replaced" in text
    assert "link to this draft" not in text


def test_who_may_only_view_discards_nothing(manager_client, client, url, django_user_model):
    place = keep(manager_client, url, filled(manager_client, url, title="Stays"))
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=["view_service", "publish_service"]))
    other = Client()
    other.force_login(viewer)
    assert other.post(place, {"_discard": "1"}).status_code == 403
    assert Revision.objects.drafts().exists()


@pytest.fixture
def moved(manager_client, service, url):
    """A question of the service that belongs to another one by now."""
    other = Service.objects.create(title="Cupping", slug="cupping", publish_at=timezone.now())
    question = service.questions.first()
    manager_client.get(url)
    place = reverse("admin:services_faq_change", args=[question.pk])
    mine = filled(manager_client, url, title="Mine")
    (row,) = [name for name, value in mine.items() if name.endswith("-id") and value == str(question.pk)]
    mine[row.replace("-id", "-answer")] = "Edited here."
    manager_client.post(place, filled(manager_client, place, service=str(other.pk)))
    return question, mine


def test_old_version_with_a_question_that_moved_comes_back_without_it(manager_client, service, url, moved):
    question, _ = moved
    first = Revision.objects.of(Service, service.pk).versions().last()
    place = f"{url}?revision={first.pk}"
    text = html.unescape(manager_client.get(place).content.decode())
    assert f"Question “{question}” belongs elsewhere now and stays there." in text
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    question.refresh_from_db()
    assert question.service.slug == "cupping"


def test_question_edited_while_it_moved_is_kept_and_does_not_stop_the_rest(manager_client, service, url, moved):
    question, mine = moved
    answer = manager_client.post(url, mine, follow=True)
    assert "changed the same place meanwhile" in answer.content.decode()
    place = answer.redirect_chain[-1][0]
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    service.refresh_from_db()
    question.refresh_from_db()
    assert (service.title, question.service.slug) == ("Mine", "cupping")
    assert question.answer != "Edited here."


def test_both_services_histories_tell_who_moved_a_question(manager_client, manager, service, moved):
    question, _ = moved
    question.refresh_from_db()
    for pk in (service.pk, question.service.pk):
        assert Revision.objects.of(Service, pk).versions().first().author == manager


def test_shared_link_follows_its_draft_until_it_is_live(manager_client, service, url):
    place = keep(manager_client, url, filled(manager_client, url, title="Shared"))
    link = re.search(r'href="(/draft/[^"]+)"', manager_client.get(place).content.decode())[1]
    place = keep(manager_client, place, filled(manager_client, place, title="Shared again"))
    assert "Shared again</h1>" in previewed(Client().get(link))
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert Client().get(link).headers["Location"] == service.get_absolute_url()
    manager_client.post(url, filled(manager_client, url, publish_at_0="", publish_at_1=""))
    assert Client().get(link).status_code == 404


def test_contributor_keeps_drafts_but_cannot_publish(contributor_client, service, url):
    live = public(service)
    data = filled(contributor_client, url, title="Proposal")
    assert 'name="_save"' not in contributor_client.get(url).content.decode()
    for button in ({}, {"_save": "1"}, {"_continue": "1"}):
        assert contributor_client.post(url, data | button).status_code == 403
    place = keep(contributor_client, url, data)
    assert contributor_client.post(place, filled(contributor_client, place)).status_code == 403
    proposal = filled(contributor_client, place, _preview="1")
    assert "Proposal</h1>" in previewed(contributor_client.post(place, proposal))
    assert public(service) == live


@pytest.mark.parametrize("number", ["0", "999", "x", "-1", "²", "9" * 30, "1;"])
def test_revision_that_is_not_one_of_this_object_is_not_found(manager_client, service, url, number):
    assert manager_client.get(url, {"revision": number}).status_code == 404


def test_revision_of_another_object_is_not_found(manager_client, service, url):
    other = Service.objects.create(title="Other", slug="other")
    place = reverse("admin:services_service_change", args=[other.pk])
    draft = keep(manager_client, place, filled(manager_client, place)).split("=")[1]
    assert manager_client.get(url, {"revision": draft}).status_code == 404


def test_forms_are_protected_against_forgery(manager, service, url):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    for button in ("_save", "_preview", "_keep"):
        assert client.post(url, {button: "1"}).status_code == 403


def test_dated_draft_says_when_it_goes_live(manager_client, manager, service, url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    data = filled(manager_client, url, title="Spring", apply_at="2026-03-08T09:30")
    text = manager_client.post(url, data | {"_keep": "1"}, follow=True).content.decode()
    assert "goes live by itself on Mar 8, 2026, 9:30 a.m. EDT" in text
    assert 'value="2026-03-08T09:30"' in text
    draft = Revision.objects.drafts().get()
    assert draft.approved_by == manager
    assert f"{draft.apply_at:%H:%M}" == "13:30"  # daylight time began that night: four hours behind UTC
    time_machine.move_to("2026-03-08T13:29:00Z", tick=False)
    assert "Spring</h1>" not in public(service)
    time_machine.move_to("2026-03-08T13:30:00Z", tick=False)
    assert "Spring</h1>" in public(service)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2020-01-01T00:00", "has passed"),
        ("soon", "Write the date like 12/25/2026"),
        ("9999-12-31T23:59", "Give a year from 1900 to 2999."),
    ],
)
def test_date_that_is_none_keeps_the_draft_and_says_so(manager_client, url, typed, told):
    data = filled(manager_client, url, title="Kept", apply_at=typed)
    assert told in manager_client.post(url, data | {"_keep": "1"}, follow=True).content.decode()
    draft = Revision.objects.drafts().get()
    assert (str(draft), draft.apply_at) == ("Kept", None)


def test_draft_is_discarded(manager_client, service, url):
    place = keep(manager_client, url, filled(manager_client, url, title="Gone"))
    answer = manager_client.post(place, filled(manager_client, place) | {"_discard": "1"}, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "The draft is discarded." in answer.content.decode()
    assert not Revision.objects.drafts().exists()
    assert manager_client.post(url, {"_discard": "1"}).status_code == 403


def test_shared_draft_is_seen_without_a_login(manager_client, service, url, time_machine):
    place = keep(manager_client, url, filled(manager_client, url, title="Shared"))
    link = re.search(r'href="(/draft/[^"]+)"', manager_client.get(place).content.decode())[1]
    before = rows()
    answer = Client().get(link)
    assert "Shared</h1>" in previewed(answer)
    assert not answer.cookies
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert rows() == before
    assert Client().get(link.replace(":", ":0", 1)).status_code == 404
    assert Client().post(link).status_code == 405
    Revision.objects.drafts().update(closed_at=service.updated_at)
    assert Client().get(link).status_code == 404


def test_shared_draft_expires(manager_client, service, url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    place = keep(manager_client, url, filled(manager_client, url, title="Shared"))
    link = re.search(r'href="(/draft/[^"]+)"', manager_client.get(place).content.decode())[1]
    time_machine.move_to("2026-03-09T11:59:00Z", tick=False)
    assert Client().get(link).status_code == 200
    time_machine.move_to("2026-03-09T12:01:00Z", tick=False)
    assert Client().get(link).status_code == 404


def test_contributor_cannot_move_what_is_live(contributor_client, service):
    assert 'class="move"' not in contributor_client.get("/admin/services/service/").content.decode()
    address = f"/admin/services/service/{service.pk}/move/"
    assert contributor_client.post(address, {"move": "up:"}).status_code == 403


@pytest.mark.parametrize("count", [1, 90])
def test_preview_of_a_list_shows_the_page_that_has_the_row(manager_client, clinic, count):
    """A row of a list with more pages than one: its preview is not the first page of the list."""
    for n in range(count):
        last = Testimonial.objects.create(quote=f"Quote {n}", name=f"Name {n}", publish_at=timezone.now())
    url = reverse("admin:testimonials_testimonial_change", args=[last.pk])
    data = filled(manager_client, url, quote="Just typed.", _preview="1")
    assert "Just typed." in previewed(manager_client.post(url, data))


def test_question_of_a_service_that_is_not_public_is_previewed_among_all(manager_client, clinic):
    hidden = Service.objects.create(title="Cupping", slug="cupping")
    question = FAQ.objects.create(service=hidden, question="Does it hurt?", answer="No.")
    url = reverse("admin:services_faq_change", args=[question.pk])
    data = filled(manager_client, url, answer="A little.", _preview="1")
    before = rows()
    assert "A little." in previewed(manager_client.post(url, data))
    assert rows() == before
    assert not Service.objects.get(slug="cupping").is_live


def test_live_form_tells_of_drafts_that_wait(manager_client, service, url):
    assert "Drafts of this service" not in manager_client.get(url).content.decode()
    first = keep(manager_client, url, filled(manager_client, url, title="First"))
    second = keep(manager_client, url, filled(manager_client, url, title="Second"))
    live = manager_client.get(url).content.decode()
    assert live.index(f'<a href="{second}">') < live.index(f'<a href="{first}">')
    opened = manager_client.get(first).content.decode()
    assert "Other drafts of this service" in opened
    assert f'<a href="{first}">of ' not in opened
    assert Fields(opened).data["title"] == "First"


def test_form_shows_the_very_version_that_it_names(manager_client, service, url, monkeypatch):
    """A form newer than the version that it names would undo what came between."""
    stock = DraftAdmin.get_object

    def beaten(*args, **kwargs):
        Service.objects.update(title="Just now")
        return stock(*args, **kwargs)

    monkeypatch.setattr(DraftAdmin, "get_object", beaten)
    assert filled(manager_client, url)["title"] == "Muscle scraping therapy"
