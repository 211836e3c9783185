import pytest
from django.test import override_settings

from tests.everywhere.walk import ADDRESSES, MISSING

POLICY = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; img-src 'self'; style-src 'self'"
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


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/pages/page/add/", "/admin/no-such-page/"])
def test_admin_allows_its_own_scripts_and_forms_only(manager_client, address):
    policy = manager_client.get(address, follow=True).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy or "script-src" not in policy


def test_login_page_is_strict_for_who_is_not_logged_in(client, db):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy


@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000)
def test_https_is_asked_for_and_remembered(client, clinic):
    assert client.get("/").headers["Location"] == "https://testserver/"
    assert "max-age=31536000" in client.get("/", secure=True).headers["Strict-Transport-Security"]


def test_unknown_host_is_refused(client, clinic):
    assert client.get("/", headers={"host": "elsewhere.example"}).status_code == 400
