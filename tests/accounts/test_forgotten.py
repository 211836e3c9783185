"""A forgotten password: a link by e-mail, or whom to ask."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.mail import sender
from accounts.views import FORGOTTEN_FROM, FORGOTTEN_TO
from tests.accounts.conftest import PASSWORD
from tests.accounts.sign_in import LOGIN, is_in, sign_in

PAGE, SENT = "/admin/forgotten/", "/admin/forgotten/sent/"
NEW = "four words and more"


@pytest.fixture(autouse=True)
def has_email(settings):
    settings.HAS_EMAIL = True


def ask(email, at="192.0.2.1"):
    answer = Client().post(PAGE, {"email": email}, REMOTE_ADDR=at)
    sender.submit(int).result()  # what waited before it is sent
    return answer


def link_sent():
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def set_password(path, password=NEW):
    client = Client()
    page = client.get(path, follow=True)
    form = page.redirect_chain[-1][0] if page.redirect_chain else path
    return client.post(form, {"new_password1": password, "new_password2": password}, follow=True)


def test_login_page_leads_to_the_link(db):
    assertContains(Client().get(LOGIN), f'href="{PAGE}"')
    assertContains(Client().get(PAGE), "e-mail address of your login")


def test_link_by_email_sets_a_new_password_once_and_ends_the_sessions(dana, signed_in):
    elsewhere = signed_in(dana)
    assertRedirects(ask("dana@example.com"), SENT)
    [message] = mail.outbox
    assert message.to == ["dana@example.com"]
    assert not re.search("dana", message.subject, re.IGNORECASE)
    path = link_sent()
    assertContains(set_password(path), "Your password is set")
    assert is_in(sign_in("dana", NEW))
    assert elsewhere.get("/admin/").status_code == 302
    assertContains(set_password(path, "other words here"), "This link does not work")


def test_link_by_email_ends_after_an_hour(dana, time_machine):
    ask("dana@example.com")
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    assertContains(set_password(link_sent()), "This link does not work")


def test_sign_in_ends_the_link(dana):
    ask("dana@example.com")
    sign_in("dana")
    assertContains(set_password(link_sent()), "This link does not work")


def test_address_that_nobody_has_gets_the_same_answer_and_nothing_is_sent(dana):
    known, unknown = ask("dana@example.com"), ask("nobody@example.com")
    assert len(mail.outbox) == 1
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_answer_does_not_wait_for_the_server_of_emails(dana, monkeypatch):
    made = []
    monkeypatch.setattr("accounts.mail.sender.submit", lambda job: made.append(job) or sender.__class__(1).submit(int))
    assertRedirects(Client().post(PAGE, {"email": "dana@example.com"}), SENT)
    assert len(made) == 1
    assert mail.outbox == []


@pytest.mark.parametrize("fields", [{"is_active": False}, {"password": "!none"}])
def test_who_is_locked_out_or_never_had_a_password_is_sent_nothing(dana, fields):
    type(dana).objects.update(**fields)
    assertRedirects(ask("dana@example.com"), SENT)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "typed", ["", "no address", "a@b", "dana@example.com\nBcc: eve@example.com", "x" * 300 + "@a.com"]
)
def test_what_is_no_address_is_told_beside_its_field(dana, typed):
    assert ask(typed).context["form"].errors["email"]
    assert mail.outbox == []


def test_mailbox_is_not_filled_from_many_addresses(dana):
    for n in range(FORGOTTEN_TO + 3):
        assertRedirects(ask("DANA@example.com" if n % 2 else "dana@example.com", at=f"192.0.2.{n}"), SENT)
    assert len(mail.outbox) == FORGOTTEN_TO


def test_one_address_asks_for_few(person):
    for n in range(FORGOTTEN_FROM + 2):
        person(f"p{n}", email=f"p{n}@example.com")
        ask(f"p{n}@example.com")
    assert len(mail.outbox) == FORGOTTEN_FROM


def test_email_that_fails_is_a_line_of_the_log_that_names_nobody(dana, monkeypatch, caplog):
    def fail(self):
        raise OSError("dana@example.com refused")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assertRedirects(ask("dana@example.com"), SENT)
    assert [record.getMessage() for record in caplog.records] == ["An e-mail could not be sent: OSError"]


def test_without_email_the_login_says_whom_to_ask(db, settings):
    settings.HAS_EMAIL = False
    assertContains(Client().get(LOGIN), "Ask a manager of this site")
    assertNotContains(Client().get(LOGIN), PAGE)
    assert Client().get(PAGE).status_code == 404
    assert Client().post(PAGE, {"email": "dana@example.com"}).status_code == 404


def test_new_password_does_not_take_codes_away(dana):
    from django_otp.plugins.otp_totp.models import TOTPDevice

    TOTPDevice.objects.create(user=dana)
    ask("dana@example.com")
    set_password(link_sent())
    assert not is_in(sign_in("dana", NEW))
    assert not is_in(sign_in("dana", PASSWORD))
