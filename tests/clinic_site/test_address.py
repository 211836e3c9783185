"""The one address: other hosts and http lead there once; a proxy that hides what is asked for is named."""

from io import BytesIO

import pytest
from django.contrib.redirects.models import Redirect
from django.core.wsgi import get_wsgi_application
from django.db import connections

from addresses.redirects import redirect
from clinic_site.address import NO_HOST, NO_SCHEME, NOT_TRUSTED, OneAddress, full_path, seen_fault
from clinic_site.front import behind_cache
from clinic_site.places import Refused, close_connections, with_own_errors
from pagecache.cache import PageCache
from pagecache.sqlite import Reader
from tests.everywhere.test_odd_requests import asked

pytestmark = pytest.mark.django_db(transaction=True)
BROWSER = {"HTTP_SEC_FETCH_MODE": "navigate"}
BEHIND = {"wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def serve(clinic, settings, monkeypatch, tmp_path):
    """Sets the site up at an address: what it answers to a path, with (status, headers, body)."""
    monkeypatch.setitem(connections.databases, "default", dict(connections.databases["default"]))
    monkeypatch.setattr("clinic_site.front.atexit.register", lambda function: None)
    settings.DATA_DIR = tmp_path
    sites = []

    def start(url, *others):
        settings.SITE_URL, https = url, url.startswith("https")
        host = url.partition("://")[2].partition(":")[0]
        settings.ALLOWED_HOSTS = [*settings.LOCAL_HOSTS, host, *others]
        settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = https, 31_536_000 * https
        django = get_wsgi_application()
        sites.append(behind_cache(django))
        application = with_own_errors(OneAddress(sites[-1], django), django)

        def ask(path="/", host=None, method="GET", **variables):
            path, _, query = path.partition("?")
            environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method, "wsgi.url_scheme": "http"}
            environ |= {"REMOTE_ADDR": "127.0.0.1"} | ({} if host is None else {"HTTP_HOST": host}) | variables
            status, headers, body = asked(application, environ)
            return status, dict(headers), body.decode()

        ask.caches = [site for site in sites if isinstance(site, PageCache)]
        return ask

    yield start
    close_connections()
    for site in sites:
        if isinstance(site, PageCache) and isinstance(site.read_version, Reader):
            site.read_version.close()


@pytest.fixture
def https(serve):
    """The site at https://www.example.com, which also has the domain itself."""
    return serve("https://www.example.com", "example.com", "sub.example.com")


def moved(answer):
    status, headers, _ = answer
    return status, headers.get("Location")


def test_own_address_is_answered(https):
    for host in ("www.example.com", "WWW.Example.COM", "www.example.com:443"):
        assert https("/contact/", host, **BEHIND)[0] == 200


@pytest.mark.parametrize(
    "host", ["example.com", "sub.example.com", "example.com:443", "www.example.com:8443", "www.example.com."]
)
@pytest.mark.parametrize("proto", ["http", "https"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_other_host_leads_to_the_one_address_at_once(https, host, proto, method):
    scheme = {"wsgi.url_scheme": proto, "HTTP_X_FORWARDED_PROTO": proto}
    for path in ("/", "/contact/", "/faq/?page=2&x=%C3%A9", "/no-such-page/", "/admin/", "/admin/login/?next=/admin/"):
        assert moved(https(path, host, method, **scheme)) == (301, f"https://www.example.com{path}")


def test_page_that_is_kept_is_not_given_to_another_host(https):
    assert https("/contact/", "www.example.com", **BEHIND)[0] == 200
    assert https("/contact/", "example.com", **BEHIND)[0] == 301
    assert https("/contact/", "www.example.com", HTTP_X_FORWARDED_PROTO="http")[0] == 301
    assert https("/contact/", "elsewhere.example", **BEHIND)[0] == 400


def test_http_leads_to_https_at_once(https):
    for path in ("/", "/contact/?a=b"):
        answer = https(path, "www.example.com", HTTP_X_FORWARDED_PROTO="http")
        assert moved(answer) == (301, f"https://www.example.com{path}")
        assert answer[1]["Cache-Control"] == "no-cache"


def test_missing_slash_and_old_address_take_no_redirect_of_their_own(https):
    redirect("/Old-Page.html", "/contact/")
    for path, new in {"/contact": "/contact/", "/Old-Page.html": "/contact/", "/faq?page=2": "/faq/?page=2"}.items():
        assert moved(https(path, "example.com", **BEHIND)) == (301, f"https://www.example.com{new}")
        assert moved(https(path, "www.example.com", HTTP_X_FORWARDED_PROTO="http")) == (
            301,
            f"https://www.example.com{new}",
        )


def test_capitals_and_queries_of_an_old_site_take_one_redirect_in_all(https):
    for old, new in (("/team", "/contact/"), ("/?page_id=12", "/faq/"), ("/index.php?page_id=12", "/privacy/")):
        redirect(old, new)
    for path, new in {
        "/Team/": "/contact/",
        "/FAQ": "/faq/",
        "/?page_id=12": "/faq/",
        "/INDEX.php/?a=b": "/INDEX.php/?a=b",
        "/Index.php?page_id=12&gclid=1": "/privacy/",
    }.items():
        assert moved(https(path, "example.com", **BEHIND)) == (301, f"https://www.example.com{new}")
        assert (
            moved(https(path, "www.example.com", HTTP_X_FORWARDED_PROTO="http"))[1] == f"https://www.example.com{new}"
        )


def test_kept_page_hides_no_redirect_and_queries_keep_no_more_pages(https):
    """The page cache is between: a redirect is there at once, and no query that a page does not read is kept."""

    def ask(path):
        return moved(https(path, "www.example.com", **BEHIND))

    for path in ("/", "/?page_id=12", "/faq/"):
        assert ask(path)[0] == 200
    redirect("/?page_id=12", "/faq/")
    assert ask("/?page_id=12") == ask("/?utm_id=1&page_id=12") == (301, "/faq/")
    assert ask("/?page_id=13")[0] == ask("/")[0] == 200
    Redirect.objects.all().delete()
    assert ask("/?page_id=12")[0] == 200
    [cache] = https.caches
    for number in range(50):
        ask(f"/?page_id={number}")
        ask(f"/Faq/?x={number}")
    assert set(cache.store.pages) == {("/", ""), ("/faq/", "")}


def test_other_methods_stay_what_they_are(https):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert moved(https("/admin/login/", "example.com", method, **BEHIND)) == (
            308,
            "https://www.example.com/admin/login/",
        )


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.example/", "/\\elsewhere.example", "http://elsewhere.example/", "*", "", "/a\r\nb", "/%0d%0ab"],
)
def test_no_path_leads_elsewhere(https, path):
    status, location = moved(https(path, "example.com", **BEHIND))
    assert status == 301
    assert location.startswith("https://www.example.com/")
    assert "\n" not in location


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "example.com.elsewhere.example", "www.example.com@elsewhere.example"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_host_that_is_not_allowed_leads_nowhere(https, host, scheme):
    status, headers, _ = https("/", host, **{"wsgi.url_scheme": scheme})
    assert (status, headers.get("Location")) == (400, None)


def test_redirect_of_another_host_binds_no_browser_unless_asked_for(https, settings):
    strict = "Strict-Transport-Security"
    assert https("/", "www.example.com", **BEHIND)[1][strict] == "max-age=31536000"
    assert strict not in https("/", "example.com", **BEHIND)[1]
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert strict in https("/", "example.com", **BEHIND)[1]


def test_redirect_and_page_of_a_fault_have_the_headers_of_every_page(https):
    for answer in (https("/", "example.com", **BEHIND), https("/", "127.0.0.1:8000"), https("/", "clinic")):
        assert answer[1]["Content-Security-Policy"].startswith("base-uri 'none'; ")
        assert answer[1]["X-Content-Type-Options"] == "nosniff"
        assert answer[1]["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", None])
def test_proxy_without_host_that_tells_of_https_works_by_the_one_address(https, host, caplog):
    status, headers, _ = https("/contact/", host, **BEHIND)
    assert status == 200
    assert "Strict-Transport-Security" in headers
    assert https("/contact/", host, **BEHIND)[0] == 200
    assert [record.getMessage().partition(" See")[0] for record in caplog.records] == [NO_HOST]


def test_login_behind_a_proxy_without_host_works(https, manager):
    _, headers, body = https("/admin/login/", "127.0.0.1:8000", **BEHIND)
    token = body.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"username=manager&password=correct+horse+battery+staple&csrfmiddlewaretoken={token}&next=/admin/".encode()
    sent = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(form))}
    sent |= {"wsgi.input": BytesIO(form), "HTTP_COOKIE": headers["Set-Cookie"].partition(";")[0]}
    sent |= {"HTTP_ORIGIN": "https://www.example.com", "HTTP_REFERER": "https://www.example.com/admin/login/"}
    assert moved(https("/admin/login/", "127.0.0.1:8000", "POST", **BEHIND, **sent)) == (302, "/admin/")


@pytest.mark.parametrize(
    ("host", "sent", "fault"),
    [
        ("127.0.0.1:8000", {}, NO_HOST),
        ("127.0.0.1:8000", BROWSER, NO_HOST),
        (None, {}, NO_HOST),
        ("clinic", {}, NO_HOST),
        ("clinic_backend", BEHIND, NO_HOST),
        ("www.example.com", BROWSER, NO_SCHEME),
        ("www.example.com", {"HTTP_X_FORWARDED_PROTO": "https"}, NOT_TRUSTED),
        ("example.com", {"HTTP_X_FORWARDED_PROTO": "https"}, NOT_TRUSTED),
    ],
)
def test_redirect_that_would_come_back_for_ever_is_a_page_that_names_the_fault(https, caplog, host, sent, fault):
    for _ in range(3):
        status, headers, body = https("/", host, **sent)
        assert (status, headers.get("Location")) == (400, None)
        assert fault in body
    assert [record.getMessage() for record in caplog.records] == [f"{fault} See “Behind a proxy” in the README."]
    assert seen_fault() == fault


def test_missing_scheme_is_logged_where_the_browser_does_not_show_it(https, caplog):
    assert https("/", "www.example.com")[0] == 301
    assert [record.getMessage().partition(" See")[0] for record in caplog.records] == [NO_SCHEME]


def test_proxy_that_tells_of_http_is_no_fault(https, caplog):
    assert moved(https("/", "www.example.com", HTTP_X_FORWARDED_PROTO="http", **BROWSER))[0] == 301
    assert caplog.records == []


def test_health_is_asked_for_by_address(https, caplog):
    assert moved(https("/health/live", "127.0.0.1:8000"))[1] is None
    assert caplog.records == []


def test_http_site_leads_other_hosts_to_it_and_takes_https_as_it_comes(serve):
    ask = serve("http://www.example.com:8080", "example.com")
    assert moved(ask("/contact", "example.com")) == (301, "http://www.example.com:8080/contact/")
    assert moved(ask("/", "www.example.com"))[1] == "http://www.example.com:8080/"
    assert ask("/", "www.example.com:8080")[0] == 200
    assert ask("/", "www.example.com:8080", **BEHIND)[0] == 200
    assert ask("/", "127.0.0.1:8000")[0] == 200


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"])
def test_every_allowed_host_is_as_good_while_the_address_is_of_this_machine(serve, caplog, url):
    ask = serve(url, "clinic.example")
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:9000", "clinic.example"):
        assert ask("/contact/", host)[0] == 200
    assert ask("/", "elsewhere.example")[0] == 400
    assert ask("/", "word")[0] == 400
    assert caplog.records == []


def test_developers_are_led_nowhere(serve, settings):
    settings.DEBUG = True
    assert serve("https://www.example.com")("/contact/", "127.0.0.1:8000", **BEHIND)[0] == 200


def test_redirect_waits_for_no_place(https, monkeypatch):
    def refuse(*args):
        raise Refused(503)

    monkeypatch.setattr("clinic_site.places.Places.run", refuse)
    assert moved(https("/contact", "example.com", **BEHIND)) == (301, "https://www.example.com/contact")


def test_path_and_query_are_kept_as_they_came():
    environ = {"PATH_INFO": "/caf\xc3\xa9/a b", "QUERY_STRING": "q=\xc3\xa9&x=%2F"}
    assert full_path(environ) == "/caf%C3%A9/a%20b?q=%C3%A9&x=%2F"
