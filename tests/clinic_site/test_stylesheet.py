"""The style sheet inlined into the page, with the static files collected as in production."""

import base64
import hashlib
import re

import pytest

from clinic_site.stylesheet import class_sets, css_for
from pagecache.page import compressed as packed
from tests.everywhere.walk import ADDRESSES, MISSING, SERVICE

# Of one first window of ten packets of TCP, the headers take the rest.
MOST = 14_000


def sheet(html):
    return re.search(r"<style>(.*?)</style>", html)[1]


def compressed(html):
    return len(packed(html, "br"))


@pytest.mark.parametrize("address", [*ADDRESSES, MISSING])
def test_page_waits_for_no_sheet_but_its_own(client, full_site, collected, address):
    html = client.get(address).content
    assert b"<style>@layer " in html
    assert len(re.findall(rb'<link rel="stylesheet"', html)) == 1
    assert re.search(rb'<link [^>]*href="/static/css/later\.\w{12}\.css" fetchpriority="low">\s*</body>', html)
    assert compressed(html) <= MOST


@pytest.mark.parametrize("address", [*ADDRESSES, MISSING])
def test_policy_allows_just_the_inlined_sheet(client, full_site, collected, address):
    answer = client.get(address)
    digest = base64.b64encode(hashlib.sha256(sheet(answer.content.decode()).encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_refusal_to_staff_has_its_sheet_inlined(client, clinic, collected, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest", password="guest", is_staff=True))
    answer = client.get("/admin/services/service/")
    assert answer.status_code == 403
    assert "style-src 'self' 'sha256-" in answer.headers["Content-Security-Policy"]
    assert ".btn" in sheet(answer.content.decode())


def test_page_has_the_files_of_its_own_components_only(client, clinic, collected):
    service, faq = (sheet(client.get(address).content.decode()) for address in (SERVICE, "/faq/"))
    assert ".plate{" in service
    assert ".plate{" not in faq
    assert ".faq" in faq
    for text in (service, faq):
        assert text.startswith("@layer tokens,base,layout,components,modes;")
        assert all(f"@layer {layer}{{" in text for layer in ("tokens", "base", "layout", "components", "modes"))


def test_file_is_needed_once_all_classes_of_one_selector_are_on_the_page():
    text = "@layer x{@media (min-width:1rem){.a .b,.c:not(.d){top:0}}@keyframes k{from{top:0}to{top:.5rem}}}"
    assert class_sets(text) == {frozenset("ab"), frozenset("c")}
    assert frozenset() in class_sets("@layer x{p{top:0}}")


def test_sources_stay_linked(client, clinic):
    html = client.get("/").content.decode()
    assert '<link rel="stylesheet" href="/static/css/site.css">' in html
    assert "<style" not in html


def test_page_with_every_class_has_the_whole_sheet(collected):
    (whole,) = (path for path in collected.glob("css/site.*.css") if re.fullmatch(r"site\.\w{12}\.css", path.name))
    text = whole.read_text()
    names = " ".join(set(re.findall(r"\.([a-zA-Z][\w-]*)", text)))
    assert css_for(frozenset([names.encode()]), f"css/{whole.name}")[0].decode() == text
