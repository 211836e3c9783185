import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.everywhere.walk import ADDRESSES, MISSING

AXE = Axe()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Without preloading: it fetches style sheets, which the pages' policy forbids.
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}
ALL = (*ADDRESSES, MISSING)
# Taller than any page, so that the bar at a phone's foot lies over nothing that axe judges.
TALL = 20_000


# A colour on its way from one scheme to the other is neither.
ARRIVE = "document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"


def violations(page, part=None):
    """What axe objects to in the page, or in a part of it, one line a node."""
    page.evaluate(ARRIVE)
    found = AXE.run(page, part, OPTIONS).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]


@pytest.fixture
def messages(page):
    """What the browser complains of: console messages, errors and failed requests, but a missing page's own."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("requestfailed", lambda request: heard.append(request.url))
    return heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_has_an_accessibility_violation_or_a_console_message(
    live_server, page, full_site, messages, width, scheme
):
    page.set_viewport_size({"width": width, "height": TALL})
    page.emulate_media(color_scheme=scheme)
    for address in ALL:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollHeight") == TALL, address
        assert violations(page) == [], address
    assert [text for text in messages if "404 (Not Found)" not in text] == []


@pytest.mark.parametrize("width", [320, 640, 1920])
def test_no_page_scrolls_sideways(live_server, page, full_site, width):
    page.set_viewport_size({"width": width, "height": 700})
    for address in ALL:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_no_page_scrolls_sideways_with_text_at_twice_its_size(live_server, page, full_site):
    page.set_viewport_size({"width": 1280, "height": 900})
    for address in ALL:
        page.goto(live_server.url + address)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, address


def test_every_request_stays_on_the_site(live_server, page, full_site):
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for address in ALL:
        page.goto(live_server.url + address)
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert requests
    assert [url for url in requests if not url.startswith((live_server.url, "data:"))] == []
