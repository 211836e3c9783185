"""Links by which somebody sets a password: made by a manager, used once, taken back, too old."""

import re
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from threading import Event

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.invitations import invite, link, tokens
from accounts.models import Invitation
from tests.accounts.conftest import PASSWORD
from tests.accounts.sign_in import is_in, sign_in
from tests.admin.forms import filled

ADD = "/admin/auth/user/add/"
NEW = "four words and more"
TYPED = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def boss(person, signed_in):
    return signed_in(person("boss", "Manager"))


def invited(user):
    """A link of a manager who may make it."""
    owner, _ = User.objects.get_or_create(username="owner", defaults={"is_staff": True, "is_superuser": True})
    return link(invite(user, owner))


def add(client, **fields):
    roles = [str(Group.objects.get(name="Publisher").pk)]
    data = filled(client, ADD, username="eve", first_name="Eve", groups=roles) | fields
    return client.post(ADD, data)


def link_on(page):
    return re.search(r'id="link" value="http://testserver([^"]+)"', page.content.decode())[1]


def opened(path, client=None):
    """Open a link: the client, where it leads, and the page there."""
    client = client or Client()
    answer = client.get(path, follow=True)
    return client, answer.redirect_chain[-1][0] if answer.redirect_chain else path, answer


def test_manager_adds_a_person_who_chooses_the_password(boss):
    answer = add(boss)
    eve = User.objects.get(username="eve")
    assertRedirects(answer, f"/admin/auth/user/{eve.pk}/change/")
    assert (eve.is_staff, eve.has_usable_password()) == (True, False)
    assert [group.name for group in eve.groups.all()] == ["Publisher"]
    client, form, page = opened(link_on(boss.get(answer.headers["Location"])))
    assertContains(page, "Your username is <strong>eve</strong>")
    assertRedirects(client.post(form, TYPED), "/admin/password-set/")
    assert is_in(sign_in("eve", NEW))
    assert not Invitation.objects.exists()


def test_form_of_a_person_speaks_of_no_password_hash_or_ldap(boss, dana):
    for path in (ADD, f"/admin/auth/user/{dana.pk}/change/"):
        text = boss.get(path).content.decode()
        assert not re.search("hash|LDAP|[Aa]lgorithm|md5|pbkdf|authentication|Raw", text.split("<main")[1]), path
    assertContains(boss.get(ADD), "Roles")


def test_nobody_sets_the_password_of_another(boss, dana):
    for path in (f"/admin/auth/user/{dana.pk}/password/", f"/admin/auth/user/{dana.pk}/password/change/"):
        assert boss.post(path, {"password1": NEW, "password2": NEW}).status_code in (302, 404)
    assert User.objects.get(pk=dana.pk).check_password(PASSWORD)


def test_link_works_once(dana):
    path = invited(dana)
    client, form, _ = opened(path)
    client.post(form, TYPED)
    for again in (client, Client()):
        _, _, page = opened(path, again)
        assertContains(page, "This link does not work")
        again.post(form, {"new_password1": "other words here", "new_password2": "other words here"})
    assert User.objects.get(pk=dana.pk).check_password(NEW)


def test_of_two_who_opened_the_link_the_second_is_told_that_it_is_used(dana):
    path = invited(dana)
    (first, form, _), (second, *_) = opened(path), opened(path)
    first.post(form, TYPED)
    answer = second.post(form, {"new_password1": "other words here", "new_password2": "other words here"})
    assertContains(answer, "This link does not work")
    assert User.objects.get(pk=dana.pk).check_password(NEW)


def test_link_that_is_used_while_another_form_is_checked_sets_nothing(dana, monkeypatch):
    client, form, _ = opened(invited(dana))
    answers = iter([True, False])
    monkeypatch.setattr(tokens, "check_token", lambda user, token: next(answers))
    assertContains(client.post(form, TYPED), "This link does not work")
    assert User.objects.get(pk=dana.pk).check_password(PASSWORD)


def test_link_ends_after_seven_days(dana, time_machine):
    path, now = invited(dana), timezone.now()
    time_machine.move_to(now + timedelta(days=6, hours=23))
    assertContains(opened(path)[2], "Choose your password")
    time_machine.move_to(now + timedelta(days=7, minutes=1))
    assertContains(opened(path)[2], "This link does not work")


def test_manager_makes_a_link_anew_or_takes_it_back(boss, dana):
    url = f"/admin/auth/user/{dana.pk}"
    assertNotContains(boss.get(f"{url}/change/"), 'id="link"')
    boss.post(f"{url}/invitation/", {"_make": "1"})
    first = link_on(boss.get(f"{url}/change/"))
    assert first == link_on(boss.get(f"{url}/change/"))
    boss.post(f"{url}/invitation/", {"_make": "1"})
    second = link_on(boss.get(f"{url}/change/"))
    assertContains(opened(first)[2], "This link does not work")
    assertContains(opened(second)[2], "Choose your password")
    boss.post(f"{url}/invitation/", {"_withdraw": "1"})
    assertContains(opened(second)[2], "This link does not work")
    assert is_in(sign_in("dana")), "the password of before stays until a link is used"


def test_link_that_was_opened_and_taken_back_sets_nothing(dana):
    client, form, _ = opened(invited(dana))
    Invitation.objects.all().delete()
    assertContains(client.post(form, TYPED), "This link does not work")


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!other"}])
def test_link_of_who_was_locked_out_or_has_another_password_since_opens_nothing(dana, change):
    path = invited(dana)
    User.objects.filter(pk=dana.pk).update(**change)
    assertContains(opened(path)[2], "This link does not work")


@pytest.mark.parametrize("path", ["MQ/set-password", "x/y", "MQ/" + "a" * 64, "OTk5OTk5OTk5OTk5OTk5OTk5OQ/x", "Li4/x"])
@pytest.mark.parametrize("kind", ["invitation", "new-password"])
def test_link_of_nobody_is_told_in_one_page(dana, kind, path):
    assertContains(Client().get(f"/admin/{kind}/{path}/"), "This link does not work")


def test_link_of_one_person_does_not_open_another(dana, person):
    eve = person("eve")
    own, other = invited(dana), invited(eve)
    foreign = own.replace(own.split("/")[-2], other.split("/")[-2])
    assertContains(Client().get(foreign), "This link does not work")


@pytest.mark.parametrize("typed", [("short",) * 2, (NEW, "another one here"), ("12345678901",) * 2, ("", "")])
def test_bad_password_is_told_beside_its_field(dana, typed):
    client, form, _ = opened(invited(dana))
    answer = client.post(form, dict(zip(TYPED, typed, strict=True)))
    assert answer.context["form"].errors
    assert Invitation.objects.exists()


def test_page_of_a_link_is_kept_nowhere_and_leads_to_no_other_host(dana):
    _, form, page = opened(invited(dana))
    assert "set-password" in form, "the address that others may see holds no secret"
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "script-src" in page.headers["Content-Security-Policy"]


@pytest.mark.django_db(transaction=True)
def test_invitation_is_sent_where_that_is_possible(boss, settings):
    settings.HAS_EMAIL = True
    answer = add(boss, email="eve@example.com")
    [message] = mail.outbox
    eve = User.objects.get(username="eve")
    assert message.to == ["eve@example.com"]
    assert link(Invitation.objects.get(user=eve)) in message.body
    assert not re.search("eve", message.subject, re.IGNORECASE)
    assertContains(boss.get(answer.headers["Location"]), "sent by e-mail")


@pytest.mark.django_db(transaction=True)
def test_invitation_that_cannot_be_sent_is_told_and_the_log_names_nobody(boss, settings, caplog, monkeypatch):
    settings.HAS_EMAIL = True

    def send(self):
        raise SMTPRecipientsRefused({"eve@example.com": (550, b"no such mailbox")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    answer = add(boss, email="eve@example.com")
    assertContains(boss.get(answer.headers["Location"]), "could not be sent")
    assert [record.getMessage() for record in caplog.records] == ["An e-mail could not be sent: SMTPRecipientsRefused"]


@pytest.mark.django_db(transaction=True)
def test_silent_server_of_emails_holds_nobody_up(boss, settings, monkeypatch):
    settings.HAS_EMAIL = True
    is_over = Event()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: is_over.wait())
    monkeypatch.setattr("accounts.mail.MOST_SECONDS", 0.01)
    answer = add(boss, email="eve@example.com")
    is_over.set()
    assertContains(boss.get(answer.headers["Location"]), "still on its way")


@pytest.mark.parametrize("fields", [{"username": ""}, {"username": "BOSS"}, {"username": "a b"}, {"email": "none"}])
def test_bad_input_is_told_beside_its_field_and_invites_nobody(boss, fields):
    answer = add(boss, **fields)
    assert answer.context["adminform"].form.errors.keys() == fields.keys()
    assert not Invitation.objects.exists()


def test_nobody_makes_a_link_for_himself(boss):
    own = User.objects.get(username="boss")
    assert boss.post(f"/admin/auth/user/{own.pk}/invitation/", {"_make": "1"}).status_code == 403
    assertNotContains(boss.get(f"/admin/auth/user/{own.pk}/change/"), "How boss signs in")


def test_link_for_nobody_is_not_found(boss):
    assert boss.post("/admin/auth/user/999999/invitation/", {"_make": "1"}).status_code == 404
    assert boss.post("/admin/auth/user/x/sessions/", {"end": "all"}).status_code == 404


def test_new_link_is_noted_among_the_changes(boss, dana):
    boss.post(f"/admin/auth/user/{dana.pk}/invitation/", {"_make": "1"})
    assertContains(boss.get("/admin/accounts/change/"), "Made a new link to set a password.")


@pytest.mark.parametrize("roles", [["Publisher", "Front desk"], ["Contributor"], []])
def test_other_rights_take_the_link_back(boss, dana, roles):
    path, url = invited(dana), f"/admin/auth/user/{dana.pk}/change/"
    keys = [str(group.pk) for group in Group.objects.filter(name__in=roles)]
    assert boss.post(url, filled(boss, url, groups=keys)).status_code == 302
    assert not Invitation.objects.exists()
    assertContains(opened(path)[2], "This link does not work")


@pytest.mark.parametrize("power", ["is_superuser", "is_staff"])
def test_other_powers_take_the_link_back(manager_client, dana, power):
    path, url = invited(dana), f"/admin/auth/user/{dana.pk}/change/"
    data = filled(manager_client, url, groups=[str(group.pk) for group in dana.groups.all()])
    data = data | {power: "on"} if power not in data else {key: data[key] for key in data if key != power}
    assert manager_client.post(url, data).status_code == 302
    assertContains(opened(path)[2], "This link does not work")


def test_form_that_changes_no_right_leaves_the_link(boss, dana):
    path, url = invited(dana), f"/admin/auth/user/{dana.pk}/change/"
    keys = [str(group.pk) for group in dana.groups.all()]
    assert boss.post(url, filled(boss, url, groups=keys, first_name="Dana")).status_code == 302
    assertContains(opened(path)[2], "Choose your password")


@pytest.mark.parametrize("change", ["inactive", "no role", "deleted"])
def test_link_of_who_was_put_out_since_opens_nothing(dana, person, change):
    maker = person("boss", "Manager")
    path = link(invite(dana, maker))
    assertContains(opened(path)[2], "Choose your password")
    if change == "inactive":
        User.objects.filter(pk=maker.pk).update(is_active=False)
    elif change == "no role":
        maker.groups.clear()
    else:
        maker.delete()
    assertContains(opened(path)[2], "This link does not work")


def test_person_who_changes_the_password_leaves_no_link_on_the_page(boss, dana, signed_in):
    invited(dana)
    typed = {"old_password": PASSWORD, **TYPED}
    assert signed_in(dana).post("/admin/password_change/", typed).status_code == 302
    page = boss.get(f"/admin/auth/user/{dana.pk}/change/")
    assertContains(page, "does not work any more")
    assertNotContains(page, 'id="link"')


def test_page_of_an_inactive_person_offers_no_link(boss, dana):
    invited(dana)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assertNotContains(boss.get(f"/admin/auth/user/{dana.pk}/change/"), 'id="link"')


def test_page_opens_while_the_link_is_taken_back(boss, dana, monkeypatch):
    invited(dana)
    monkeypatch.setattr("accounts.admin.is_open", lambda invitation: Invitation.objects.all().delete()[0])
    assert boss.get(f"/admin/auth/user/{dana.pk}/change/").status_code == 200
