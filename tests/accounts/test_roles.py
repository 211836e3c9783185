"""Roles: what each may do, and what it can't force."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.roles import ROLES, codenames
from pages.models import CLINIC_KEY, Page
from publishing.models import Revision
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import add_row, filled
from tests.admin.rows import MAKERS, address

ADD_PAGE = "/admin/pages/page/add/"


@pytest.fixture
def as_role(clinic):
    """A client logged in as someone of this role."""

    def make(role):
        user = User.objects.create_user(f"{role[:4]}{User.objects.count()}", password="x", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def contributor(as_role):
    return as_role("Contributor")


def service_url():
    return address("services_service", "change", Service.objects.first().pk)


def kept(client, url, data):
    response = client.post(url, data | {"_keep": "1"})
    assert response.status_code == 302
    return response.headers["Location"]


@pytest.mark.parametrize("role", ROLES)
def test_each_right_of_the_table_is_one_that_there_is(db, role):
    for app, rights in ROLES[role].items():
        found = Permission.objects.filter(content_type__app_label=app, codename__in=codenames(rights))
        assert found.count() == len(set(codenames(rights)))
        assert set(found) <= set(Group.objects.get(name=role).permissions.all())


def test_every_content_model_has_someone_to_publish_it(db):
    rights = set(Group.objects.get(name="Publisher").permissions.values_list("codename", flat=True))
    for app in ("services", "testimonials", "pages", "pictures"):
        for model in apps.get_app_config(app).get_models():
            assert f"change_{model._meta.model_name}" in rights


def rights_of(role):
    return set(Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename"))


def whole(role):
    """What the table gives to a role."""
    return {(app, name) for app, rights in ROLES[role].items() for name in codenames(rights)}


def test_starting_again_gives_back_no_right_that_was_taken_and_takes_none_that_was_given(db):
    group = Group.objects.get(name="Contributor")
    group.permissions.remove(Permission.objects.get(codename="change_service"))
    group.permissions.add(Permission.objects.get(codename="delete_page"))
    Group.objects.get(name="Manager").permissions.clear()
    for _ in range(2):
        call_command("migrate", verbosity=0)
    expected = whole("Contributor") - {("services", "change_service")} | {("pages", "delete_page")}
    assert rights_of("Contributor") == expected
    assert rights_of("Manager") == set()
    assert rights_of("Publisher") == whole("Publisher")


def test_model_that_is_new_is_given_to_the_roles(db):
    Group.objects.get(name="Publisher").permissions.remove(Permission.objects.get(codename="delete_page"))
    Permission.objects.filter(content_type__model="picture").delete()
    call_command("migrate", verbosity=0)
    assert rights_of("Publisher") == whole("Publisher") - {("pages", "delete_page")}
    assert rights_of("Contributor") == whole("Contributor")
    assert rights_of("Manager") == whole("Manager")


def test_role_that_was_deleted_or_renamed_is_back_whole_and_the_renamed_one_stays(db):
    Group.objects.get(name="Publisher").delete()
    Group.objects.get(name="Front desk").delete()
    Group.objects.filter(name="Manager").update(name="Boss")
    call_command("migrate", verbosity=0)
    assert {role: rights_of(role) for role in ROLES} == {role: whole(role) for role in ROLES}
    assert rights_of("Boss") == whole("Manager")


def test_roles_are_whole_after_all_was_deleted(transactional_db):
    call_command("flush", interactive=False, verbosity=0)
    assert {role: rights_of(role) for role in ROLES} == {role: whole(role) for role in ROLES}


def test_right_is_given_with_what_makes_it_or_not_at_all(transactional_db, monkeypatch):
    """A start that is killed in between leaves nothing that the next one takes for old."""
    Permission.objects.filter(content_type__model="picture").delete()
    monkeypatch.setattr("accounts.roles.codenames", lambda rights: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call_command("migrate", verbosity=0)
    monkeypatch.undo()
    call_command("migrate", verbosity=0)
    assert {role: rights_of(role) for role in ROLES} == {role: whole(role) for role in ROLES}


def test_contributor_sees_no_button_of_a_publisher(contributor):
    page = contributor.get(service_url())
    for name in ("_save", "_continue", "_addanother", "apply_at", "publish_at_0"):
        assertNotContains(page, f'name="{name}"')
    assertContains(page, 'name="_keep"')
    assertNotContains(page, 'class="deletelink"')
    assertNotContains(contributor.get("/admin/services/service/"), 'class="move"')
    assertNotContains(contributor.get("/admin/services/service/"), "delete_selected")


@pytest.mark.parametrize("model", ["services_service", "services_faq", "testimonials_testimonial"])
def test_contributor_cannot_force_what_is_public(contributor, full_site, model):
    row = apps.get_model(model.replace("_", ".")).objects.first()
    url = address(model, "change", row.pk)
    before = contributor.get(row.get_absolute_url()).content
    data = filled(contributor, url, title="Forced", question="Forced", name="Forced")
    for button in ({}, {"_save": "1"}, {"_continue": "1"}, {"_addanother": "1"}, {"_saveasnew": "1"}):
        assert contributor.post(url, data | button).status_code == 403
    assert contributor.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert contributor.post(address(model, "move", row.pk), {"move": "down:"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}
    contributor.post(address(model, "changelist"), chosen)
    edited = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(row.pk), "form-0-position": "9"}
    contributor.post(address(model, "changelist"), edited | {"_save": "1"})
    assert contributor.get(row.get_absolute_url()).content == before


def test_contributor_writes_a_page_that_was_never_public(contributor):
    data = filled(contributor, ADD_PAGE, title="Parking", slug="parking", body="<p>Behind the house.</p>")
    data |= {"publish_at_0": "2020-01-01", "publish_at_1": "00:00", "publish_at": "2020-01-01"}
    assert contributor.post(ADD_PAGE, data).status_code == 302
    page = Page.objects.get(slug="parking")
    assert page.publish_at is None
    url = address("pages_page", "change", page.pk)
    assertContains(contributor.get(url), 'name="_save"')
    assert contributor.post(url, filled(contributor, url, title="Where to park")).status_code == 302
    assert Page.objects.get(slug="parking").title == "Where to park"


def test_contributor_cannot_touch_a_page_that_was_public_once(contributor, manager_client):
    page = Page.objects.create(title="Parking", slug="parking", body="<p>x</p>")
    url = address("pages_page", "change", page.pk)
    public = filled(manager_client, url, publish_at_0="2020-01-01", publish_at_1="00:00")
    assert manager_client.post(url, public).status_code == 302
    hidden = filled(manager_client, url, publish_at_0="", publish_at_1="")
    assert manager_client.post(url, hidden).status_code == 302
    assertNotContains(contributor.get(url), 'name="_save"')
    assert contributor.post(url, filled(contributor, url, title="Forced")).status_code == 403


def test_contributor_cannot_make_a_publishers_draft_public(contributor, manager_client):
    data = filled(manager_client, ADD_PAGE, title="Parking", slug="parking", body="<p>x</p>")
    place = kept(manager_client, ADD_PAGE, data | {"publish_at_0": "2020-01-01", "publish_at_1": "00:00"})
    assertNotContains(contributor.get(place), 'name="_save"')
    assert contributor.post(place, filled(contributor, place)).status_code == 403
    assert not Page.objects.filter(slug="parking").exists()


def test_contributor_cannot_restore_an_old_version(contributor, manager_client):
    url = service_url()
    manager_client.post(url, filled(manager_client, url, title="Newer"))
    place = f"{url}?revision={Revision.objects.versions().last().pk}"
    assert contributor.post(place, filled(contributor, place)).status_code == 403
    assert Service.objects.get().title == "Newer"


def test_draft_with_a_date_is_not_a_contributors_to_replace_or_discard(contributor, manager_client):
    url = service_url()
    data = filled(manager_client, url, title="Dated", apply_at="2099-01-01T00:00")
    place = kept(manager_client, url, data)
    assertNotContains(contributor.get(place), 'name="_discard"')
    assert contributor.post(place, {"_discard": "1"}).status_code == 403
    kept(contributor, place, filled(contributor, place, title="Other", apply_at="2098-01-01T00:00"))
    found = Revision.objects.drafts().order_by("pk")
    assert [(str(draft), bool(draft.apply_at)) for draft in found] == [("Dated", True), ("Other", False)]


def test_contributor_proposes_a_question_and_an_answer(contributor):
    question = FAQ.objects.filter(service=None).first() or FAQ.objects.create(question="Old?", answer="Old.")
    url = address("services_faq", "change", question.pk)
    kept(contributor, url, filled(contributor, url, answer="Better."))
    question.refresh_from_db()
    assert question.answer != "Better."
    assertNotContains(contributor.get("/admin/services/faq/add/"), 'name="_save"')


def test_contributor_adds_a_picture_but_changes_none(contributor):
    picture = MAKERS["pictures_picture"](1)
    assert contributor.get(address("pictures_picture", "add")).status_code == 200
    assert contributor.post(address("pictures_picture", "change", picture.pk), {"alt": "Forced"}).status_code == 403
    assert contributor.post(address("pictures_picture", "delete", picture.pk), {"post": "yes"}).status_code == 403


def test_publisher_publishes_orders_and_deletes_but_has_no_people(as_role):
    publisher = as_role("Publisher")
    url = service_url()
    data = filled(publisher, url, title="Published")
    add_row(data, "benefits", text="A new one.", position="")
    assert publisher.post(url, data).status_code == 302
    assert Service.objects.get().title == "Published"
    assertContains(publisher.get("/admin/testimonials/testimonial/"), 'class="move"')
    clinic = address("pages_clinic", "change", CLINIC_KEY)
    assert publisher.post(clinic, filled(publisher, clinic, headline="A headline")).status_code == 302
    assert publisher.get("/admin/auth/user/").status_code == 403
    assert (
        publisher.post(address("services_service", "delete", Service.objects.get().pk), {"post": "yes"}).status_code
        == 302
    )


def test_manager_adds_a_person_with_a_role(as_role):
    boss = as_role("Manager")
    add = reverse("admin:auth_user_add")
    assert boss.post(add, {"username": "dana"}).status_code == 302
    dana = User.objects.get(username="dana")
    assert dana.is_staff
    url = address("auth_user", "change", dana.pk)
    page = boss.get(url)
    assertContains(page, "Publisher")
    assertNotContains(page, "is_superuser")
    assertNotContains(page, "user_permissions")
    roles = [str(Group.objects.get(name="Publisher").pk)]
    data = filled(boss, url, groups=roles, is_superuser="on", user_permissions=["1"])
    assert boss.post(url, data).status_code == 302
    dana = User.objects.get(username="dana")
    assert (dana.is_superuser, dana.user_permissions.count()) == (False, 0)
    assert [group.name for group in dana.groups.all()] == ["Publisher"]
    assertContains(boss.get("/admin/auth/user/"), "Publisher")


def test_manager_has_no_way_to_more_than_the_roles_hold(as_role, manager):
    boss = as_role("Manager")
    developers = Group.objects.create(name="Developers")
    developers.permissions.add(Permission.objects.get(codename="add_group"))
    own = User.objects.get(groups__name="Manager")
    dana = User.objects.create_user("dana")
    url = address("auth_user", "change", dana.pk)
    refused = boss.post(url, filled(boss, url, groups=[str(developers.pk)]))
    assertContains(refused, "Select a valid choice")
    url = address("auth_user", "change", own.pk)
    data = filled(boss, url, groups=[str(Group.objects.get(name="Publisher").pk)])
    data.pop("is_active", None)
    assert boss.post(url, data).status_code == 302
    own.refresh_from_db()
    assert own.is_active, "locked out by himself"
    assert [group.name for group in own.groups.all()] == ["Manager"]
    for person in (manager, User.objects.create_user("coder", is_staff=True)):
        person.groups.add(developers)
        assert boss.post(address("auth_user", "change", person.pk), {"username": "taken"}).status_code == 403
        for action in ("invitation", "no_code", "sessions"):
            assert boss.post(address("auth_user", action, person.pk), {}).status_code == 403
        assert boss.post(address("auth_user", "delete", person.pk), {"post": "yes"}).status_code == 403
    assert boss.post(address("auth_group", "change", developers.pk), {"name": "x"}).status_code == 403


def test_only_a_superuser_deletes_a_person(as_role, manager_client):
    boss, dana = as_role("Manager"), User.objects.create_user("dana")
    group = Group.objects.get(name="Manager")
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    url = address("auth_user", "delete", dana.pk)
    assert boss.post(url, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": str(dana.pk), "post": "yes"}
    boss.post(address("auth_user", "changelist"), chosen)
    assert User.objects.filter(username="dana").exists()
    assert manager_client.post(url, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(username="dana").exists()


def test_each_field_of_a_person_has_a_sentence_of_help(as_role, manager_client, manager):
    url = address("auth_user", "change", manager.pk)
    form = manager_client.get(url).context["adminform"].form
    assert [name for name, field in form.fields.items() if not str(field.help_text).strip()] == []


def test_contributor_notes_no_consent(contributor, full_site):
    quote = Testimonial.objects.create(quote="Good.", name="A. B.")
    url = address("testimonials_testimonial", "change", quote.pk)
    data = filled(contributor, url) | {"consent_noted_at_0": "2026-01-01", "consent_noted_at_1": "00:00"}
    assert contributor.post(url, data).status_code == 302
    quote.refresh_from_db()
    assert quote.consent_noted_at is None


def test_what_a_contributor_saves_is_checked_once_more_when_it_is_saved(contributor, clinic, monkeypatch):
    """Whatever the form let through: nothing that patients would see stays."""
    page = Page.objects.create(title="Parking", slug="parking", body="<p>x</p>")
    url = address("pages_page", "change", page.pk)
    data = filled(contributor, url, title="Forced")
    monkeypatch.setattr("publishing.staff.drafts.DraftAdmin.may_save", lambda *args: True)
    Page.objects.update(publish_at=timezone.now())
    assert contributor.post(url, data).status_code == 403
    assert Page.objects.get(slug="parking").title == "Parking"


def test_only_superuser_cannot_lock_himself_out(manager_client, manager):
    url = address("auth_user", "change", manager.pk)
    data = filled(manager_client, url, first_name="Max")
    for power in ("is_active", "is_staff", "is_superuser"):
        data.pop(power, None)
    assert manager_client.post(url, data).status_code == 302
    manager.refresh_from_db()
    assert (manager.first_name, manager.is_active, manager.is_staff, manager.is_superuser) == ("Max", True, True, True)
