"""Inline the style sheet into the page, so that a first visit waits for one response instead of two."""

import base64
import hashlib
import re
from functools import lru_cache

from csp.decorators import csp_update
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from clinic_site.middleware import GetResponse
from clinic_site.storage import STYLESHEET

LAYER_START = re.compile(r"(?=@layer \w+\{)")
SELECTORS = re.compile(r"[^{};]+(?=\{)")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
CLASS_ATTRIBUTE = re.compile(rb' class="([^"]*)"')


def inline_stylesheet(get_response: GetResponse) -> GetResponse:
    """Replace the link to the collected style sheet by the rules that the page needs, allowed in the CSP by hash.

    The link stays where static files are not collected, and in a preview: there it is escaped, in an iframe's srcdoc.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(staticfiles_storage, ManifestStaticFilesStorage) or not isinstance(response, HttpResponse):
            return response
        link = f'<link rel="stylesheet" href="{staticfiles_storage.url(STYLESHEET)}">'.encode()
        if not response.get("Content-Type", "").startswith("text/html") or link not in response.content:
            return response
        digest = replace_link(response, link, staticfiles_storage.stored_name(STYLESHEET))
        return csp_update({"style-src": f"'sha256-{digest}'"})(lambda request: response)(request)

    return middleware


def replace_link(response: HttpResponse, link: bytes, name: str) -> str:
    html = re.sub(rb"\n\s*\n", b"\n", response.content)
    css, digest = css_for(frozenset(CLASS_ATTRIBUTE.findall(html)), name)
    response.content = html.replace(link, b"<style>" + css + b"</style>", 1)
    return digest


@lru_cache(256)
def css_for(attributes: frozenset[bytes], name: str) -> tuple[bytes, str]:
    """Return the stored sheet without the files that a page with these class attributes has no use for, and its digest.

    The digest is a SHA-256 in base64, as the CSP takes it.
    """
    used = {name for names in attributes for name in names.decode().split()}
    css = "".join(css for needs, css in source_files(name) if not needs or any(map(used.issuperset, needs)))
    return css.encode(), base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


@lru_cache(maxsize=1)
def source_files(name: str) -> list[tuple[set[frozenset[str]], str]]:
    with staticfiles_storage.open(name) as file:
        return [(class_sets(css), css) for css in LAYER_START.split(file.read().decode())]


def class_sets(css: str) -> set[frozenset[str]]:
    css = re.sub(r":(?:not|is)\([^)]*\)", "", css)
    lists = [found for found in SELECTORS.findall(css) if found[0] != "@" and found not in ("from", "to")]
    return {frozenset(CLASS.findall(selector)) for found in lists for selector in found.split(",")}
