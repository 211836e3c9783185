"""The style sheet inside the page: a page then needs one answer, not two, before it can be painted."""

import base64
import hashlib
import re
from functools import lru_cache

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage

from clinic_site.storage import STYLESHEET

PIECE = re.compile(r"(?=@layer \w+\{)")
SELECTORS = re.compile(r"[^{};]+(?=\{)")
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
CLASSES = re.compile(rb' class="([^"]*)"')


def sheet_inside(get_response):
    """Put what a page needs of the gathered sheet in the place of its link, and allow it in the policy by its hash.

    Sources that are not gathered stay linked, and so does the sheet of a page in a preview's frame.
    """

    def middleware(request):
        response = get_response(request)
        if isinstance(staticfiles_storage, ManifestFilesMixin) and not response.streaming:
            put_inside(response)
        return response

    return middleware


def put_inside(response):
    link = f'<link rel="stylesheet" href="{staticfiles_storage.url(STYLESHEET)}">'.encode()
    if response.get("Content-Type", "").startswith("text/html") and link in response.content:
        html = re.sub(rb"\n\s*\n", b"\n", response.content)
        attributes = frozenset(CLASSES.findall(html))
        text, digest = needed(attributes, staticfiles_storage.stored_name(STYLESHEET))
        response.content = html.replace(link, b"<style>" + text + b"</style>", 1)
        response._csp_update = {"style-src": f"'sha256-{digest}'"}


@lru_cache(256)
def needed(attributes, name):
    """The sheet without the files of components that are not on a page with these class attributes, and its digest."""
    used = {name for names in attributes for name in names.decode().split()}
    found = pieces(name)
    text = "".join(text for conditions, text in found if not conditions or any(map(used.issuperset, conditions)))
    return text.encode(), base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=1)
def pieces(name):
    """The files that the sheet was joined from, each with the classes of its selectors: only all of one do anything."""
    with staticfiles_storage.open(name) as file:
        return [(conditions(text), text) for text in PIECE.split(file.read().decode())]


def conditions(text):
    text = re.sub(r":not\([^)]*\)", "", text)
    lists = [found for found in SELECTORS.findall(text) if found[0] != "@" and found not in ("from", "to")]
    return {frozenset(CLASS.findall(selector)) for found in lists for selector in found.split(",")}
