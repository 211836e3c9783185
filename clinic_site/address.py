"""The one address of the site: requests for another of its hosts, or for http in place of https, lead there.

While SITE_URL is this machine's own, as for a developer, every allowed host is as good.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from time import monotonic, time
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.http.request import split_domain_port, validate_host
from django.utils.encoding import escape_uri_path, iri_to_uri

from clinic_site.health import is_of_health
from clinic_site.master import is_loopback
from clinic_site.middleware import MOVED, PROXY_FAULT
from clinic_site.places import Refused
from pagecache.page import Headers

SAFE = ("GET", "HEAD")
QUIET = 3600  # seconds in which each process logs a fault of the proxy once
DAY = 86_400  # seconds
NOTE = "proxy-fault.txt"  # in DATA_DIR
# What browsers send with https alone: a request that has it and comes as http has been through a proxy.
OF_HTTPS = ("HTTP_SEC_FETCH_MODE", "HTTP_SEC_FETCH_SITE")
NO_HOST = "The proxy in front of this site does not pass the Host header."
NO_SCHEME = "The proxy in front of this site does not pass X-Forwarded-Proto."
NOT_TRUSTED = "The proxy in front of this site has an address that FORWARDED_ALLOW_IPS does not name."

Kind = Literal["own", "other", "this machine", "word", "unknown"]

log = logging.getLogger(__name__)


def is_for_one_machine() -> bool:
    """Return whether SITE_URL is this machine's own, or somebody develops."""
    return settings.DEBUG or is_loopback((urlsplit(settings.SITE_URL).hostname or "", 0))


def kind_of(host: str) -> Kind:
    """Tell a Host header: SITE_URL's, another allowed one, this machine's, a word as of a proxy's upstream."""
    domain, port = split_domain_port(host)
    site = urlsplit(settings.SITE_URL)
    is_allowed = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    if is_for_one_machine():
        return "own" if is_allowed else "unknown"
    if domain in settings.LOCAL_HOSTS or not host:
        return "this machine"
    if is_allowed:
        usual = {"http": "80", "https": "443"}[site.scheme]
        named = domain if port in ("", usual) else f"{domain}:{port}"
        is_plain = not host.partition(":")[0].endswith(".")  # of www.example.com. the end is left out in `domain`
        return "own" if named == site.netloc and is_plain else "other"
    return "unknown" if any(sign in host for sign in ".:[") else "word"


class OneAddress:
    """A WSGI application that passes on to the site what came for SITE_URL, and redirects the rest there, once.

    Django makes the answers that are not the site's, for their headers. Where a redirect would come back for ever, as
    the proxy does not tell what the visitor asked for, a page names the fault.
    """

    def __init__(self, site: WSGIApplication, django: WSGIApplication) -> None:
        self.site, self.django = site, django
        url = urlsplit(settings.SITE_URL)
        self.own: WSGIEnvironment = {"wsgi.url_scheme": url.scheme, "HTTP_HOST": url.netloc}
        self.needs_https = url.scheme == "https" and not is_for_one_machine()
        self.kind_of = lru_cache(256)(kind_of)
        self.logged: dict[str, float] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kind = self.kind_of(environ.get("HTTP_HOST", ""))
        is_insecure = self.needs_https and environ["wsgi.url_scheme"] == "http"
        if (kind == "own" and not is_insecure) or is_of_health(environ):
            return self.site(environ, start_response)
        if kind == "unknown":  # Django refuses it, whatever the scheme
            return self.site(environ | {"wsgi.url_scheme": self.own["wsgi.url_scheme"]}, start_response)
        fault = self.fault(environ, kind, is_insecure)
        if fault and (kind == "word" or (is_insecure and would_come_back(environ, kind))):
            return self.answer(environ, start_response, {PROXY_FAULT: fault})
        if kind == "this machine" and not is_insecure:
            return self.site(environ | self.own, start_response)
        return self.redirect(environ, start_response, kind)

    def fault(self, environ: WSGIEnvironment, kind: Kind, is_insecure: bool) -> str:
        """Return what is wrong with the proxy as far as this request shows, and log it."""
        told = environ.get("HTTP_X_FORWARDED_PROTO", "")
        if kind in ("this machine", "word"):
            fault = NO_HOST
        elif is_insecure and told.lower() != "http":
            fault = NOT_TRUSTED if told else NO_SCHEME
        else:
            return ""
        if monotonic() - self.logged.get(fault, float("-inf")) > QUIET:
            self.logged[fault] = monotonic()
            log.warning("%s See “Behind a proxy” in the README.", fault)
            note(fault)
        return fault

    def redirect(self, environ: WSGIEnvironment, start_response: StartResponse, kind: Kind) -> Iterable[bytes]:
        is_safe = environ["REQUEST_METHOD"] in SAFE
        location = (self.destination(environ) if is_safe else "") or full_path(environ)
        if location.startswith("/"):
            location = f"{settings.SITE_URL}{location}"

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            # What browsers remember of another host is asked for by HSTS_SUBDOMAINS alone.
            if kind == "other" and not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
                headers = [header for header in headers if header[0] != "Strict-Transport-Security"]
            return start_response(status, headers)

        return self.answer(environ, start, {MOVED: (location, is_safe)})

    def destination(self, environ: WSGIEnvironment) -> str:
        """Return where the site itself redirects this address for good, so that there is one redirect in all."""
        told: list[Any] = []
        kept = {name: value for name, value in environ.items() if name[:5] != "HTTP_"}
        asked = kept | self.own | {"REQUEST_METHOD": "HEAD", "CONTENT_LENGTH": "", "CONTENT_TYPE": ""}

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            told[:] = [status, dict(headers)]

        try:
            body = self.site(asked, start)
        except Refused:
            return ""
        if hasattr(body, "close"):
            body.close()
        status, headers = told
        return str(headers.get("Location", "")) if status.startswith("301") else ""

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse, what: WSGIEnvironment) -> Iterable[bytes]:
        unread = {"PATH_INFO": "/", "QUERY_STRING": "", "CONTENT_LENGTH": "", "CONTENT_TYPE": ""}
        return self.django(environ | self.own | unread | what, start_response)


def note(fault: str) -> None:
    """Keep the fault for `check --deploy`, which sees no requests."""
    with suppress(OSError):
        (settings.DATA_DIR / NOTE).write_text(fault, encoding="utf-8")


def seen_fault() -> str:
    """Return the fault that was noted last, if that was within a day."""
    path = settings.DATA_DIR / NOTE
    try:
        return path.read_text(encoding="utf-8") if time() - path.stat().st_mtime < DAY else ""
    except (OSError, UnicodeDecodeError):
        return ""


def would_come_back(environ: WSGIEnvironment, kind: Kind) -> bool:
    """Return whether the visitor asked for https, of which the request says nothing, or may have."""
    told = environ.get("HTTP_X_FORWARDED_PROTO", "").lower()
    return told != "http" and bool(told or kind == "this machine" or any(name in environ for name in OF_HTTPS))


def full_path(environ: WSGIEnvironment) -> str:
    path = escape_uri_path(get_path_info(environ))
    query = iri_to_uri(environ.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "replace"))
    return f"/{path.removeprefix('/')}" + (f"?{query}" if query else "")
