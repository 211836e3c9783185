import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import OperationalError
from django.test import Client

from clinic_site.middleware import MOVED, PROXY_FAULT, REFUSED
from pictures.models import Picture
from tests.everywhere.walk import ADDRESSES, DOWNLOADS, MISSING

POLICY = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self'; style-src 'self'"
)
STAFF_POLICY = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
)
EXPECTED = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.mark.parametrize("address", [*ADDRESSES, MISSING])
def test_each_page_is_as_strict_as_it_can_be(client, full_site, address):
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert {name: headers[name] for name in EXPECTED} == EXPECTED


@pytest.mark.parametrize("address", ["/admin/", "/admin/pages/clinic/", "/admin/jsi18n/"])
def test_admin_allows_its_own_scripts_and_forms_only(manager_client, clinic, address):
    assert manager_client.get(address, follow=True).headers["Content-Security-Policy"] == STAFF_POLICY


def test_login_page_has_the_policy_of_the_admin(client, db):
    assert client.get("/admin/login/").headers["Content-Security-Policy"] == STAFF_POLICY


def test_editor_may_use_what_bears_its_nonce(manager_client):
    policy = manager_client.get("/admin/pages/page/add/").headers["Content-Security-Policy"]
    assert re.sub(r" 'nonce-[\w+/]{22}=='", "", policy) == STAFF_POLICY
    assert policy.count("'nonce-") == 2


def test_cookies_of_staff_are_out_of_reach_of_scripts(client, manager):
    form = {"username": "manager", "password": "correct horse battery staple"}
    client.get("/admin/login/")
    client.post("/admin/login/", form)
    assert {name: bool(cookie["httponly"]) for name, cookie in client.cookies.items()} == {
        "csrf": True,
        "device": True,
        "session": True,
    }


def test_unknown_host_is_refused(client, clinic):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400


def test_files_are_sent_with_no_more_than_files_need(db, collected, client):
    response = client.get(staticfiles_storage.url("css/later.css"))
    response.close()
    assert response.status_code == 200
    assert {name: response.headers.get(name) for name in EXPECTED} == EXPECTED | {
        "X-Frame-Options": None,
        "Permissions-Policy": None,
    }
    assert "Access-Control-Allow-Origin" not in response.headers


HALF_A_YEAR = 15_768_000  # seconds
OF_HTTPS = re.compile(r"SECURE_|SESSION_COOKIE|CSRF_COOKIE")


def points(response):
    """What MDN's HTTP Observatory gives a page: 100 or more is an A+. None where it takes points off."""
    headers = response.headers
    policy = dict(part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; "))
    age = re.match(r"max-age=([0-9]+)", headers["Strict-Transport-Security"])
    is_strict = (
        policy["default-src"] == "'none'"
        and (policy.get("frame-ancestors") == "'none'" or headers["X-Frame-Options"] == "DENY")
        and all(
            re.fullmatch(r"'(none|self|nonce-[^']+|sha256-[^']+)'", word)
            for row in policy.values()
            for word in row.split()
        )
        and int(age[1]) >= HALF_A_YEAR
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Referrer-Policy"] == "same-origin"
        and headers["Cross-Origin-Resource-Policy"] == "same-origin"
        and "Access-Control-Allow-Origin" not in headers
        and all(is_safe(cookie) for cookie in response.cookies.values())
        and not re.search(rb'<script[^>]+src="(?!/)', getattr(response, "content", b""))
    )
    by_policy, by_cookies = "frame-ancestors" in policy, bool(response.cookies)
    return 100 + 10 + 5 + 5 * by_policy + 5 * by_cookies if is_strict else None  # 10 for the policy, 5 for the referrer


def is_safe(cookie):
    return cookie.key.startswith("__Host-") and cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"


@pytest.fixture
def https(settings, configured):
    """Asks the site at an address of https, as its settings make it; the answer."""
    for name, value in configured({"SITE_URL": "https://testserver"}).items():
        if OF_HTTPS.match(name):
            setattr(settings, name, value)
    visitor = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return lambda path, method="get", **more: getattr(visitor, method)(path, secure=True, **more)


@pytest.mark.parametrize("address", [*ADDRESSES, *DOWNLOADS, MISSING])
def test_public_address_is_worth_an_a_plus(https, full_site, address):
    response = https(address)
    assert points(response) == 120
    assert not response.cookies


def test_picture_is_worth_an_a_plus(https, full_site):
    response = https(Picture.objects.first().file.url)
    assert response.status_code == 200
    response.close()
    assert points(response) == 115


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/pages/page/add/", "/admin/services/service/"])
def test_page_of_staff_is_worth_an_a_plus(https, manager, clinic, address, settings):
    assert points(https("/admin/login/")) == 125
    client = Client()
    client.force_login(manager)
    assert points(client.get(address, secure=True, follow=True)) >= 120


def test_error_pages_are_worth_an_a_plus(https, full_site, monkeypatch):
    def fail(*args):
        raise fault

    found = {
        400: https("/", headers={"host": "elsewhere.example"}),
        403: https("/admin/login/", "post"),
        404: https(MISSING),
        405: https("/", "post"),
        413: https("/", **{REFUSED: 413}),
        421: https("/", **{PROXY_FAULT: "The proxy"}),
        301: https("/", **{MOVED: ("https://testserver/", True)}),
    }
    monkeypatch.setattr("pages.views.site", fail)
    fault = ValueError()
    found[500] = https("/")
    fault = OperationalError()
    found[503] = https("/")
    assert {status: points(answer) for status, answer in found.items() if not points(answer)} == {}
    assert [answer.status_code for answer in found.values()] == [400, 403, 404, 405, 413, 400, 301, 500, 503]


def test_cookies_of_staff_bear_all_marks(https, manager):
    token = https("/admin/login/").cookies["__Host-csrf"].value
    form = {"username": "manager", "password": "correct horse battery staple", "csrfmiddlewaretoken": token}
    response = https("/admin/login/", "post", data=form, headers={"referer": "https://testserver/"})
    assert response.status_code == 302
    assert {name for name, cookie in response.cookies.items() if is_safe(cookie)} == {"__Host-csrf", "__Host-session"}
