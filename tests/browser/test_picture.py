"""A picture on its way from a phone to the patients."""

import pytest
from playwright.sync_api import expect

from services.models import Service
from tests.admin.rows import address
from tests.browser.test_walk import violations
from tests.everywhere.walk import SERVICE, picture
from tests.pictures.images import BAD_FILES, BLUE, GREEN, RED, WHITE, camera_photo, quarters

ADD = address("pictures_picture", "add")
LIST = address("pictures_picture", "changelist")
# The colours near the corners of the picture, as the browser shows it.
CORNERS = """async image => {
  image.scrollIntoView()
  await image.decode()
  const canvas = document.createElement('canvas'), [x, y] = [image.naturalWidth, image.naturalHeight]
  canvas.width = x; canvas.height = y
  const context = canvas.getContext('2d', {willReadFrequently: true})
  context.drawImage(image, 0, 0, x, y)
  return [[0.2, 0.2], [0.8, 0.2], [0.2, 0.8], [0.8, 0.8]].map(
    ([across, down]) => [...context.getImageData(across * x, down * y, 1, 1).data].slice(0, 3))
}"""


def photo(name="IMG_0001.jpg"):
    return {"name": name, "mimeType": "image/jpeg", "buffer": camera_photo(1200, 600)}


def test_photo_taken_with_a_turned_phone_stands_upright_on_the_public_page(visit, live_server):
    page = visit(address("services_service", "change", Service.objects.first().pk))
    with page.expect_popup() as opened:
        page.get_by_title("Add another picture").click()
    popup = opened.value
    popup.get_by_label("File").set_input_files(photo())
    popup.get_by_label("Description").fill("Four colours")
    popup.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#id_picture option:checked")).to_have_text("Four colours")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(live_server.url + SERVICE)
    image = page.get_by_role("img", name="Four colours")
    seen = image.evaluate(CORNERS)
    for colour, wanted in zip(seen, (RED, GREEN, BLUE, WHITE), strict=True):
        assert all(abs(a - b) < 30 for a, b in zip(colour, wanted, strict=True)), seen
    assert image.evaluate("image => image.currentSrc").endswith(".avif")
    assert image.evaluate("image => image.naturalWidth > image.naturalHeight")


@pytest.mark.parametrize("name", ["a text named .jpg", "an SVG", "a truncated JPEG", "a decompression bomb", "an EPS"])
def test_bad_file_is_refused_beside_the_field(visit, name):
    content, reason = BAD_FILES[name]
    page = visit(ADD)
    page.get_by_label("File").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content})
    page.get_by_label("Description").fill("Typed with care")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".field-file .errorlist")).to_contain_text(reason)
    expect(page.get_by_label("Description")).to_have_value("Typed with care")


def test_forgotten_description_asks_for_the_file_again(visit):
    page = visit(ADD)
    page.get_by_label("File").set_input_files(photo())
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".field-alt .errorlist")).to_contain_text("Describe the picture")
    expect(page.locator(".field-file .errorlist")).to_contain_text("Choose the file again")


def test_picture_in_use_leads_to_where_it_is_used(visit):
    page = visit(LIST)
    used = page.get_by_role("row").filter(has_text="Parking")
    expect(used.get_by_role("img", name="The entrance").first).to_be_visible()
    used.get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Nothing was deleted")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Parking").click()
    expect(page.get_by_label("Title:")).to_have_value("Parking")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_pages_of_pictures_have_no_accessibility_violation(visit, staff, width, scheme):
    staff.set_viewport_size({"width": width, "height": 900})
    staff.emulate_media(color_scheme=scheme)
    key = Service.objects.first().picture_id
    for path in (LIST, ADD, *(address("pictures_picture", action, key) for action in ("change", "delete"))):
        found = violations(visit(path))
        assert [text for text in found if not text.startswith("label-title-only")] == [], path


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_picture_keeps_its_place_while_it_loads(live_server, page, full_site, width):
    page.set_viewport_size({"width": width, "height": 800})
    boxes = []
    for blocked in (True, False):
        if blocked:
            page.route("**/media/**", lambda route: route.abort())
        else:
            page.unroute("**/media/**")
        page.goto(live_server.url + SERVICE)
        image = page.get_by_role("img", name="The entrance")
        image.scroll_into_view_if_needed()
        boxes.append(image.bounding_box()["height"])
    assert boxes[0] == boxes[1] > 100


def test_small_picture_is_not_enlarged_and_a_tall_one_is_seen_whole(live_server, page, full_site):
    page.set_viewport_size({"width": 1440, "height": 800})
    for (width, height), most in (((200, 100), 100), ((600, 2000), 800)):
        Service.objects.update(picture=picture(quarters(width, height)))
        page.goto(live_server.url + SERVICE)
        box = page.get_by_role("img", name="The entrance").bounding_box()
        assert box["width"] == width
        assert box["height"] <= most
