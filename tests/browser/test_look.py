"""What an art director would see: room, rest, whole words, and everything where the eye expects it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from pages.models import OpeningHours
from services.body import REGIONS
from services.models import FAQ, Condition, Service
from tests.everywhere.walk import ADDRESSES, SERVICE

FONT = "**/*.woff2"
SHIFT = """() => new Promise(resolve => {
  let sum = 0
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value }))
    .observe({type: 'layout-shift', buffered: true})
  setTimeout(() => resolve(sum), 1200)
})"""
# Words of which a part stands on another line; a word ends at white space and hyphens, in an address at @ and dots.
BROKEN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (!node.parentElement.checkVisibility()) continue
    for (const match of node.data.matchAll(/[^\\s–—@./-]+/g)) {
      const range = document.createRange()
      range.setStart(node, match.index)
      range.setEnd(node, match.index + match[0].length)
      const tops = [...range.getClientRects()].filter(box => box.width).map(box => Math.round(box.top))
      if (new Set(tops).size > 1) found.push(match[0])
    }
  }
  return found
}"""
# The most characters on one line of each block of text that has a line of more than 75.
LONG = """() => [...document.querySelectorAll('p, li, dd, figcaption, td')].flatMap(at => {
  if (!at.checkVisibility()) return []
  const lines = {}, walker = document.createTreeWalker(at, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (node.parentElement.closest('p, li, dd, figcaption, td') !== at) continue
    for (const match of node.data.matchAll(/\\S+\\s?/g)) {
      const range = document.createRange()
      range.setStart(node, match.index)
      range.setEnd(node, match.index + match[0].trim().length)
      const box = range.getBoundingClientRect(), top = Math.round(box.top / 8)
      if (box.width > 1) lines[top] = (lines[top] || 0) + match[0].length
    }
  }
  const most = Math.max(0, ...Object.values(lines))
  return most > 76 ? [most - 1 + ': ' + at.textContent.trim().slice(0, 60)] : []
})"""
SPACING = """* {
  line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
} p { margin-bottom: 2em !important; }"""


@pytest.fixture
def many_conditions(clinic):
    """A service with 14 conditions, each at a region of its own."""
    service = Service.objects.create(
        title="Manual therapy", slug="manual", publish_at=timezone.now() - timedelta(days=1), drawing="print-3"
    )
    for number, region in enumerate(REGIONS):
        text = "It eases what hurts, and helps to move as before. " * 3
        Condition.objects.create(
            service=service, name=f"Condition {number}", anchor=f"c-{number}", text=text, regions=[region]
        )
    return service


@pytest.mark.parametrize(
    ("width", "height"),
    [(360, 640), (390, 844), (320, 568), (320, 584), (667, 320), (280, 653), (768, 1024), (360, 584)],
)
def test_call_bar_never_takes_more_than_an_eighth(live_server, page, clinic, width, height):
    page.set_viewport_size({"width": width, "height": height})
    for address in ("/contact/", SERVICE):
        page.goto(live_server.url + address)
        bar = page.locator(".callbar")
        if bar.evaluate("bar => getComputedStyle(bar).position") == "sticky":
            assert bar.bounding_box()["height"] <= height / 8
        else:
            assert height < 584 or width < 288
        assert page.locator(".callbar .btn").evaluate_all("all => all.every(at => at.scrollWidth <= at.clientWidth)")


@pytest.mark.parametrize("is_lost", [False, True], ids=["late", "never"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_jumps_when_the_font_is_late(live_server, page, full_site, width, is_lost):
    def delay(route):
        if is_lost:
            route.abort()
        else:
            time.sleep(0.8)
            route.continue_()

    page.route(FONT, delay)
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/", SERVICE, "/testimonials/", "/faq/", "/contact/"):
        page.goto(live_server.url + address, wait_until="commit")
        assert page.evaluate(SHIFT) <= 0.05, address


@pytest.mark.parametrize(("width", "spacing"), [(320, ""), (768, ""), (1440, ""), (320, SPACING), (360, SPACING)])
def test_no_word_is_broken(live_server, page, full_site, width, spacing):
    page.set_viewport_size({"width": width, "height": 800})
    for address in ADDRESSES:
        page.goto(live_server.url + address)
        if spacing:
            page.evaluate("css => document.adoptedStyleSheets = [Object.assign(new CSSStyleSheet(), {})]", spacing)
            page.evaluate("css => document.adoptedStyleSheets[0].replaceSync(css)", spacing)
        assert page.evaluate(BROKEN) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


@pytest.mark.parametrize("width", [768, 1024, 1440, 1920])
def test_no_line_is_too_long_to_read(live_server, page, full_site, width):
    page.set_viewport_size({"width": width, "height": 800})
    for address in ADDRESSES:
        page.goto(live_server.url + address)
        assert page.evaluate(LONG) == [], address


def test_sentence_of_a_comparison_is_heard_whole(live_server, page, clinic):
    sentence = (
        "Traditional massage uses hands to knead and manipulate muscles, whereas muscle scraping employs specialized "
        "tools to reach deeper tissue layers with controlled pressure. This allows therapists to target stubborn "
        "adhesions more effectively."
    )
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(live_server.url + SERVICE)
        assert f"- paragraph: {sentence}" in page.locator(".compare").aria_snapshot()


def test_pictures_of_a_comparison_stand_on_one_line(live_server, page, clinic):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url + SERVICE)
    tops = page.locator(".compare img").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
    )
    assert len(tops) == 6
    assert tops[0::2] == tops[1::2]


@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1024), (1023, 768), (1024, 560), (1440, 800)])
@pytest.mark.parametrize("address", ["/", SERVICE])
def test_number_to_call_stays_in_reach_on_a_long_page(live_server, page, clinic, width, height, address):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(live_server.url + address)
    page.evaluate("scrollTo({top: document.body.scrollHeight / 2, behavior: 'instant'})")
    box = page.locator(".callbar .tel" if width < 1024 else ".site-head__do .tel").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= height
    assert width < 1024 or page.locator(".site-head").bounding_box()["height"] <= 100


@pytest.mark.parametrize(("width", "height"), [(360, 800), (1440, 900), (1920, 1400)])
def test_nothing_is_below_the_foot_of_a_short_page(live_server, page, clinic, width, height):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(live_server.url + "/accessibility/")
    last = page.locator(".callbar" if width < 1024 else ".site-foot").bounding_box()
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    assert page.evaluate("document.documentElement.scrollHeight") >= height
    last = page.locator(".callbar" if width < 1024 else ".site-foot").bounding_box()
    assert round(last["y"] + last["height"]) == height


@pytest.mark.parametrize("has_scripts", [True, False])
def test_address_of_a_question_opens_it_in_sight(live_server, browser, clinic, has_scripts):
    for number in range(30):
        FAQ.objects.create(question=f"General {number}?", answer="An answer.")
    question = FAQ.objects.get(question="How many sessions will I need to see results?")
    context = browser.new_context(
        java_script_enabled=has_scripts, viewport={"width": 360, "height": 740}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(live_server.url + question.get_absolute_url())
    answer = page.get_by_text("Many patients notice improvements")
    assert answer.is_visible()
    assert 0 < answer.bounding_box()["y"] < 700
    context.close()


@pytest.mark.parametrize("width", [1024, 1440])
def test_body_map_stays_beside_the_conditions(live_server, page, many_conditions, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + many_conditions.get_absolute_url())
    first, plate = page.locator(".condition").first.bounding_box(), page.locator(".plate").bounding_box()
    assert abs(first["y"] - plate["y"]) < 30
    page.locator(".condition").nth(9).evaluate("at => at.scrollIntoView({block: 'center', behavior: 'instant'})")
    plate = page.locator(".plate").bounding_box()
    head = page.locator(".site-head").bounding_box()
    assert plate["y"] >= head["height"]
    assert plate["y"] + plate["height"] <= 800


def test_chosen_condition_marks_its_region_whatever_its_number(live_server, page, many_conditions):
    page.set_viewport_size({"width": 1440, "height": 800})
    for number, region in ((0, "neck"), (13, "heel")):
        page.goto(f"{live_server.url}{many_conditions.get_absolute_url()}#c-{number}")
        links = page.locator(".spot a").all()
        lines = {link.inner_text(): link.evaluate("one => getComputedStyle(one).textDecorationLine") for link in links}
        marked = [label for label, line in lines.items() if line == "underline"]
        assert marked == [REGIONS[region].label]


@pytest.mark.parametrize("width", [320, 360, 1440])
def test_region_of_two_conditions_opens_their_names(live_server, page, many_conditions, width):
    Condition.objects.create(service=many_conditions, name="Sprain", anchor="sprain", text="Eased.", regions=["ankle"])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + many_conditions.get_absolute_url())
    page.get_by_text("Ankle", exact=True).click()
    page.get_by_role("link", name="Sprain").click()
    assert page.locator("#sprain:target h3").is_visible()
    page.mouse.move(0, 0)
    assert width < 352 or not page.locator(".spot--ankle ul").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_card_is_underlined_where_the_pointer_is(live_server, page, many_conditions):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url)
    page.locator(".service").hover()
    line = page.locator(".service__title a").evaluate("one => getComputedStyle(one).textDecorationLine")
    assert line == "underline"


def test_hours_keep_their_times_on_one_line(live_server, page, clinic):
    OpeningHours.objects.create(weekday=timezone.localdate().weekday(), opens="08:30", closes="12:30")
    OpeningHours.objects.create(weekday=timezone.localdate().weekday(), opens="13:30", closes="18:30")
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(live_server.url + "/contact/")
    today = page.locator(".hours [aria-current=date]")
    assert today.locator("td").inner_text().replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "").split(
        "\n"
    ) == [
        "8:30 a.m. – 12:30 p.m.",
        "1:30 p.m. – 6:30 p.m.",
    ]
    assert today.locator("td").bounding_box()["height"] < 90
    assert int(today.locator("td").evaluate("one => getComputedStyle(one).fontWeight")) > 600
