"""Nobody gives, or takes over, a right that they lack: in the form, by a link, by an action, by a forged POST."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Invitation
from accounts.rights import givable, may_manage, rights_of
from accounts.roles import ROLES
from tests.accounts.sign_in import is_in, sign_in
from tests.admin.forms import filled

ADD = "/admin/auth/user/add/"
LESS = ["auth.change_user", "auth.add_user", "auth.view_user", "pages.view_page"]


@pytest.fixture
def clerk(person):
    """Somebody who looks after people, and may do hardly anything else."""
    user = person("clerk")
    for right in LESS:
        app, _, codename = right.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


@pytest.fixture
def client(clerk, signed_in):
    return signed_in(clerk)


def key(role):
    return str(Group.objects.get(name=role).pk)


def url(user, action="change"):
    return f"/admin/auth/user/{user.pk}/{action}/"


def test_manager_gives_each_role(person):
    assert {group.name for group in givable(person("boss", "Manager"))} == set(ROLES)


def test_role_is_not_given_by_who_lacks_one_of_its_rights(client, clerk):
    readers = Group.objects.create(name="Readers")
    readers.permissions.add(Permission.objects.get(codename="view_page"))
    for role in ROLES:
        answer = client.post(ADD, {"username": "eve", "groups": [key(role)]})
        assert answer.context["adminform"].form.errors["groups"], role
    assert client.post(ADD, {"username": "eve", "groups": [key("Readers")]}).status_code == 302
    assert [group.name for group in User.objects.get(username="eve").groups.all()] == ["Readers"]


@pytest.mark.parametrize("more", [{"roles": ["Publisher"]}, {"is_superuser": True}, {"roles": ["Manager"]}])
def test_who_has_more_rights_is_out_of_reach(client, person, more):
    roles = more.pop("roles", [])
    eve = person("eve", *roles, **more)
    TOTPDevice.objects.create(user=eve)
    before = User.objects.values().get(pk=eve.pk)
    forged = {"username": "taken", "email": "clerk@example.com", "is_active": "on", "groups": []}
    assert client.post(url(eve), forged).status_code == 403
    for action, button in (("invitation", "_make"), ("no-code", "_turn_off"), ("sessions", "end")):
        assert client.post(url(eve, action), {button: "all"}).status_code == 403
    assert client.get(url(eve, "sessions")).status_code == 403
    assert User.objects.values().get(pk=eve.pk) == before
    assert TOTPDevice.objects.exists()
    assert not Invitation.objects.exists()


def test_single_right_of_another_counts_also_while_they_are_inactive(clerk, person):
    eve = person("eve", is_active=False)
    assert may_manage(clerk, eve)
    eve.user_permissions.add(Permission.objects.get(codename="delete_page"))
    assert not may_manage(clerk, eve)


def test_who_has_fewer_rights_is_within_reach(client, clerk, person):
    eve = person("eve")
    assert client.get(url(eve)).status_code == 200
    assert client.post(url(eve, "invitation"), {"_make": "1"}).status_code == 302
    assert Invitation.objects.get().user == eve


def test_nobody_raises_himself(client, clerk, person, signed_in):
    boss = person("boss", "Manager")
    for who, user in ((client, clerk), (signed_in(boss), boss)):
        before = rights_of(user)
        data = filled(who, url(user)) | {"groups": [key("Publisher"), key("Manager")], "is_superuser": "on"}
        data |= {
            "is_staff": "on",
            "user_permissions": [str(pk) for pk in Permission.objects.values_list("pk", flat=True)],
        }
        who.post(url(user), data)
        user.refresh_from_db()
        assert (rights_of(user), user.is_superuser) == (before, False)


def test_second_account_of_a_manager_has_no_more_than_the_first(person, signed_in):
    boss = person("boss", "Manager")
    client = signed_in(boss)
    client.post(ADD, {"username": "second", "groups": [key(role) for role in ROLES], "is_superuser": "on"})
    second = User.objects.get(username="second")
    assert not second.is_superuser
    assert rights_of(second) == rights_of(boss)


def test_manager_who_lost_a_right_does_not_give_it_any_more(person, signed_in):
    boss = person("boss", "Manager")
    Group.objects.get(name="Manager").permissions.remove(Permission.objects.get(codename="publish_page"))
    answer = signed_in(boss).post(ADD, {"username": "eve", "groups": [key("Publisher")]})
    assert answer.context["adminform"].form.errors["groups"]


def test_role_is_changed_only_by_who_may_do_everything(clerk, client, manager, signed_in):
    group = Group.objects.get(name="Front desk")
    for verb in ("add", "change", "delete", "view"):
        clerk.user_permissions.add(Permission.objects.get(codename=f"{verb}_group"))
    everything = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    path = f"/admin/auth/group/{group.pk}/change/"
    assert client.post(path, {"name": "Front desk", "permissions": everything}).status_code == 403
    assert client.post("/admin/auth/group/add/", {"name": "Mine", "permissions": everything}).status_code == 403
    assert client.get(path).status_code == 200
    assert signed_in(manager).post(path, {"name": "Front desk", "permissions": everything[:1]}).status_code == 302


def test_list_of_people_has_no_action_that_goes_around_the_rule(client, person, clerk):
    eve = person("eve", "Manager")
    clerk.user_permissions.add(Permission.objects.get(codename="delete_user"))
    chosen = {"action": "delete_selected", "_selected_action": str(eve.pk), "post": "yes"}
    client.post("/admin/auth/user/", chosen)
    assert User.objects.filter(pk=eve.pk).exists()


def test_who_may_do_everything_reaches_everybody(manager, signed_in, person):
    eve, client = person("eve", "Manager"), signed_in(manager)
    assert client.post(url(eve, "invitation"), {"_make": "1"}).status_code == 302
    other = User.objects.create_superuser("other")
    assert client.get(url(other)).status_code == 200


def test_first_login_is_made_by_the_command(db):
    call_command("createsuperuser", username="first", email="", interactive=False)
    first = User.objects.get(username="first")
    first.set_password("correct horse battery staple")
    first.save()
    assert is_in(sign_in("first"))


def test_roles_of_a_site_that_is_there_get_what_they_lack(db):
    migration = import_module("accounts.migrations.0002_rights_of_roles")
    before = {role: rights(role) for role in ROLES}
    Group.objects.get(name="Front desk").permissions.set(Permission.objects.filter(codename="attend_clinic"))
    old = ["add_user", "change_user", "view_user", "view_group", "view_change", "attend_clinic"]
    old += ["view_clinic", "change_clinic", "publish_clinic"]
    parts = [f"{verb}_{model}" for verb in ("view", "add", "change", "delete") for model in migration.PARTS]
    Group.objects.get(name="Manager").permissions.set(Permission.objects.filter(codename__in=old + parts))
    migration.give(apps, None)
    assert {role: rights(role) for role in ROLES} == before


def rights(role):
    return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
