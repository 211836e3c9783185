"""Inline the style sheet into the page, so that a first visit waits for one response instead of two."""

import base64
import hashlib
import re
from functools import lru_cache

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

from clinic_site.storage import STYLESHEET

LAYER_START = re.compile(r"(?=@layer \w+\{)")
SELECTORS = re.compile(r"[^{};]+(?=\{)")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
CLASS_ATTRIBUTE = re.compile(rb' class="([^"]*)"')


def inline_stylesheet(get_response):
    """Replace the link to the collected style sheet by the rules that the page needs, allowed in the CSP by hash.

    The link stays where static files are not collected, and in a preview: there it is escaped, in an iframe's srcdoc.
    """

    def middleware(request):
        response = get_response(request)
        if isinstance(staticfiles_storage, ManifestFilesMixin) and not response.streaming:
            replace_link(response)
        return response

    return middleware


def replace_link(response):
    link = f'<link rel="stylesheet" href="{staticfiles_storage.url(STYLESHEET)}">'.encode()
    if response.get("Content-Type", "").startswith("text/html") and link in response.content:
        html = re.sub(rb"\n\s*\n", b"\n", response.content)
        attributes = frozenset(CLASS_ATTRIBUTE.findall(html))
        css, digest = css_for(attributes, staticfiles_storage.stored_name(STYLESHEET))
        response.content = html.replace(link, b"<style>" + css + b"</style>", 1)
        response._csp_update = {"style-src": f"'sha256-{digest}'"}


@lru_cache(256)
def css_for(attributes, name):
    """Return the stored sheet without the files that a page with these class attributes has no use for, and its digest.

    The digest is a SHA-256 in base64, as the CSP takes it.
    """
    used = {name for names in attributes for name in names.decode().split()}
    css = "".join(css for needs, css in source_files(name) if not needs or any(map(used.issuperset, needs)))
    return css.encode(), base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


@lru_cache(maxsize=1)
def source_files(name):
    """Return the files that the stored sheet was joined from, as (class sets of its selectors, CSS)."""
    with staticfiles_storage.open(name) as file:
        return [(class_sets(css), css) for css in LAYER_START.split(file.read().decode())]


def class_sets(css):
    """Return for each selector the classes that must all be on a page for it to match."""
    css = re.sub(r":not\([^)]*\)", "", css)
    lists = [found for found in SELECTORS.findall(css) if found[0] != "@" and found not in ("from", "to")]
    return {frozenset(CLASS.findall(selector)) for found in lists for selector in found.split(",")}
