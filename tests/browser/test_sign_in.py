"""A new colleague's whole way: invited, with a password, with a code, out, and in again."""

import re
from base64 import b32decode

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from accounts.invitations import invite, link
from accounts.mail import sender
from tests.accounts.sign_in import code_of
from tests.browser.test_admin import STOCK
from tests.browser.test_walk import violations

PASSWORD = "four words and more"
HOME = "What would you like to do?"
SIZES = [(360, "dark"), (1440, "light")]


@pytest.fixture
def looked_at(visitor):
    """A function that finds nothing wrong with the page that is open, at each size."""

    def look():
        for width, scheme in SIZES:
            visitor.set_viewport_size({"width": width, "height": 900})
            visitor.emulate_media(color_scheme=scheme)
            assert [text for text in violations(visitor) if not text.startswith(STOCK)] == [], visitor.url
            assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth"), visitor.url

    return look


def log_in(page, name, password, code=""):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Sign-in code").fill(code)
    page.get_by_role("button", name="Log in").click()


def test_new_colleague_is_invited_and_signs_in_with_a_code(visitor, staff, live_server, looked_at):
    visitor.goto(f"{live_server.url}/admin/auth/user/add/")
    link = invite_eve(visitor, looked_at)
    visitor.goto(link.replace("http://testserver", live_server.url))
    choose_password(visitor, looked_at)
    log_in(visitor, "eve", PASSWORD)
    expect(visitor.get_by_role("heading", name=HOME)).to_be_visible()
    recovery_code = set_codes_up(visitor, looked_at)
    visitor.get_by_role("button", name="Log out").click()
    visitor.goto(f"{live_server.url}/admin/")
    log_in(visitor, "eve", PASSWORD)
    expect(visitor.get_by_role("alert")).to_contain_text("Please enter the correct username and password")
    looked_at()
    log_in(visitor, "eve", PASSWORD, recovery_code)
    expect(visitor.get_by_role("heading", name=HOME)).to_be_visible()
    visitor.get_by_role("button", name="Log out").click()
    visitor.goto(f"{live_server.url}/admin/")
    log_in(visitor, "eve", PASSWORD, code_of(TOTPDevice.objects.get(), ahead=1))
    expect(visitor.get_by_role("heading", name=HOME)).to_be_visible()


def invite_eve(page, looked_at):
    """Add a person, and return the link."""
    looked_at()
    page.get_by_label("Username").fill("eve")
    page.get_by_label("First name").fill("Eve")
    page.get_by_label("Publisher").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    looked_at()
    link = page.get_by_label("Give this link to Eve").input_value()
    page.get_by_role("button", name="Log out").click()
    return link


def choose_password(page, looked_at):
    looked_at()
    page.get_by_label("New password:").fill(PASSWORD)
    page.get_by_label("New password confirmation:").fill("something else")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("The two password fields didn’t match.", exact=True)).to_be_visible()
    looked_at()
    fill_password(page)
    looked_at()
    page.get_by_role("link", name="Log in").click()
    looked_at()


def fill_password(page):
    for label in ("New password:", "New password confirmation:"):
        page.get_by_label(label).fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()


def set_codes_up(page, looked_at):
    """Use the key of the page as an app does, and return a recovery code."""
    page.get_by_role("link", name="Sign-in code").click()
    looked_at()
    secret = page.locator(".sign-in__secret").inner_text()
    type_code(page, "000000")
    expect(page.get_by_text(re.compile("^The app shows another code"))).to_be_visible()
    looked_at()
    assert page.locator(".sign-in__secret").inner_text() == secret, "a wrong code does not begin anew"
    type_code(page, code_of(new_device(secret)))
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    looked_at()
    code = page.locator(".sign-in__codes code").first.inner_text()
    page.get_by_role("link", name="I have them").click()
    page.get_by_role("link", name="Sign-in code").click()
    expect(page.get_by_text("10 recovery codes of your list are not used yet")).to_be_visible()
    looked_at()
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_text("This one: log out above")).to_be_visible()
    looked_at()
    return code


def new_device(secret):
    return TOTPDevice(key=b32decode(secret.replace(" ", "")).hex())


def type_code(page, code):
    page.get_by_label("Code that the app shows now").fill(code)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Turn sign-in codes on").click()


def test_forgotten_password_is_set_anew(visitor, live_server, looked_at, settings, manager):
    settings.HAS_EMAIL = True
    User.objects.update(email="manager@example.com")
    visitor.goto(f"{live_server.url}/admin/login/")
    visitor.get_by_role("link", name="Forgotten your password?").click()
    looked_at()
    visitor.get_by_label("Email").fill("manager@example.com")
    visitor.get_by_role("button", name="Send the link").click()
    expect(visitor.get_by_role("heading", name="Look into your e-mail")).to_be_visible()
    looked_at()
    sender.submit(int).result()
    address = re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1]
    visitor.goto(live_server.url + address)
    fill_password(visitor)
    visitor.goto(live_server.url + address)
    expect(visitor.get_by_role("heading", name="This link does not work")).to_be_visible()
    looked_at()


def test_whole_way_works_without_scripts(browser, browser_context_args, live_server, full_site, manager):
    invitation = invite(manager, manager)
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(link(invitation).replace("http://testserver", live_server.url))
    fill_password(page)
    page.get_by_role("link", name="Log in").click()
    log_in(page, "manager", PASSWORD)
    page.get_by_role("link", name="Sign-in code").click()
    type_code(page, code_of(new_device(page.locator(".sign-in__secret").inner_text())))
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    context.close()
