import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import override_settings

from tests.everywhere.walk import ADDRESSES, MISSING

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
        "session": True,
    }


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000)
def test_https_is_asked_for_and_remembered(client, clinic):
    assert client.get("/").headers["Location"] == "https://testserver/"
    assert "max-age=31536000" in client.get("/", secure=True).headers["Strict-Transport-Security"]


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
