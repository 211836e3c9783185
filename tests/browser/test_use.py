"""What a patient does: with a keyboard alone, without scripts, on paper, on a phone."""

import pytest
from playwright.sync_api import expect

from tests.everywhere.walk import ADDRESSES, SERVICE

# Where the keyboard is: null on the body itself, otherwise the element and whether a person can see it.
STOP = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), bar = document.querySelector('.callbar')
  if (at === document.body) return null
  const hasBar = bar && getComputedStyle(bar).display !== 'none' && !bar.contains(at)
  const isInView = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
  const head = document.querySelector('.site-head')
  const isBelowHead = !head.contains(at) && !at.matches('.skip') && getComputedStyle(head).position === 'sticky'
  const isCovered = hasBar && box.top > bar.getBoundingClientRect().top
    || isBelowHead && box.bottom <= head.getBoundingClientRect().bottom
  return [at.outerHTML.slice(0, 90), isInView && !isCovered && getComputedStyle(at).outlineStyle !== 'none']
}"""
# What a thumb may miss; links inside sentences and the stretched links of cards apart.
SMALL = """() => [...document.querySelectorAll('a, summary')].filter(at => {
  const height = at.getBoundingClientRect().height
  const isInline = at.closest('p, .rich, .service__title, h2') || getComputedStyle(at).position === 'absolute'
  return height && height < 44 && !isInline
}).map(at => at.outerHTML.slice(0, 80))"""
# Pairs of the drawings' labels of which one covers the other, and labels that cover a ring.
COVERED = """() => {
  const labels = [...document.querySelectorAll('.spot span, .plate__views span, .ruler__marks text')]
  const boxes = [...labels, ...document.querySelectorAll('.plate__marks circle')].map(at => {
    const box = at.getBoundingClientRect(), ring = at.getAttribute('cx')
    return {name: ring ? 'ring at ' + ring : at.textContent, is_ring: !!ring, box}
  })
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => !a.is_ring && meet(a.box, b.box))
    .map(b => a.name + ' / ' + b.name))
}"""


@pytest.fixture(params=[16, 32])
def sized_page(request, browser_type, browser_type_launch_args, clinic):
    """A page in a browser whose user has set this size of text."""
    size = f"--blink-settings=defaultFontSize={request.param}"
    sized = browser_type.launch(**browser_type_launch_args | {"args": [*browser_type_launch_args["args"], size]})
    yield sized.new_page()
    sized.close()


@pytest.fixture
def plain_page(browser, clinic):
    """A page in a browser with scripts off."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def test_skip_link_is_the_first_stop_and_leads_to_the_text(live_server, page, clinic):
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900)])
def test_drawing_at_the_head_of_the_home_page_needs_no_scrolling(live_server, page, clinic, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(live_server.url)
    box = page.locator(".belly__stage").bounding_box()
    assert box["y"] + box["height"] < height


@pytest.mark.parametrize("width", [360, 1440])
def test_each_stop_of_the_keyboard_can_be_seen(live_server, page, full_site, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + SERVICE)
    links = page.locator("a:visible, summary:visible").count()
    seen = set()
    for _ in range(links + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        seen.add(stop[0])
        assert stop[1], stop[0]
    assert len(seen) > 20


def test_question_opens_with_the_keyboard(live_server, page, clinic):
    page.goto(f"{live_server.url}/faq/")
    assert page.get_by_text("Some patients may notice").is_visible()
    page.locator("summary").nth(1).focus()
    assert not page.get_by_text("within 2–4 sessions").is_visible()
    page.keyboard.press("Enter")
    assert page.get_by_text("within 2–4 sessions").is_visible()


def test_question_opens_without_scripts(live_server, plain_page):
    plain_page.goto(f"{live_server.url}/faq/")
    plain_page.get_by_text("How many sessions will I need").click()
    expect(plain_page.get_by_text("within 2–4 sessions")).to_be_visible()


def test_contents_list_folds_on_a_phone_and_stands_open_on_a_desktop(live_server, page, clinic):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url + SERVICE)
    link = page.locator(".toc a", has_text="What to expect")
    assert not link.is_visible()
    page.get_by_text("On this page").click()
    assert link.is_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()
    link.click()
    assert page.url.endswith("#session")
    assert 0 <= page.locator("#session h2").bounding_box()["y"] < 450


def test_mark_on_the_body_leads_to_its_condition(live_server, page, clinic):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_server.url + SERVICE)
    page.get_by_role("link", name="Heel: Plantar Fasciitis").click()
    assert page.locator("#plantar-fasciitis:target h3").is_visible()
    line = "getComputedStyle(document.querySelector('.spot--heel a')).textDecorationLine"
    assert page.evaluate(line) == "underline"


def test_targets_are_large_enough_for_a_thumb(live_server, page, full_site):
    page.set_viewport_size({"width": 360, "height": 740})
    for address in ADDRESSES:
        page.goto(live_server.url + address)
        assert page.evaluate(SMALL) == [], address


def test_paper_shows_all_answers_and_no_navigation(live_server, page, clinic):
    page.goto(live_server.url + SERVICE)
    page.emulate_media(media="print")
    assert page.get_by_text("Some patients may notice").is_visible()
    for selector in (".site-nav", ".callbar", ".toc", ".skip"):
        assert not page.locator(selector).is_visible(), selector
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"


def test_nothing_moves_when_less_motion_is_wanted(live_server, page, clinic):
    page.goto(live_server.url)
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate("document.getAnimations().length") > 0


def test_high_contrast_keeps_buttons_visible(live_server, page, clinic):
    page.emulate_media(forced_colors="active")
    page.goto(live_server.url)
    border = page.evaluate("getComputedStyle(document.querySelector('main .btn')).borderTopWidth")
    assert border == "2px"


def test_labels_of_the_drawings_cover_nothing_whatever_the_size_of_text(live_server, sized_page):
    for width in (320, 360, 768, 1024):
        sized_page.set_viewport_size({"width": width, "height": 800})
        sized_page.goto(live_server.url + SERVICE)
        assert sized_page.evaluate(COVERED) == [], width
