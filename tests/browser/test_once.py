"""A form goes out once, however often its button is pressed, in a real browser under the staff's policy."""

import pytest
from playwright.sync_api import expect

from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.rows import address

ADD = address("testimonials_testimonial", "add")


@pytest.fixture
def form(visit):
    """The form of a new testimonial, filled in."""
    page = visit(ADD)
    page.get_by_label("Quote:").fill("It helped.")
    page.get_by_label("Name:", exact=True).fill("Once")
    return page


def press_twice(page, name):
    page.get_by_role("button", name=name, exact=True).first.dblclick(delay=60)


TWICE = (
    "() => { const save = document.querySelector('[name=_save]'); save.click(); setTimeout(() => save.click(), 60) }"
)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


@pytest.mark.parametrize("name", ["Save and add another", "Save and continue editing"])
def test_two_clicks_save_once(form, name):
    press_twice(form, name)
    expect(form.locator(".messagelist .success")).to_be_visible()
    assert Testimonial.objects.filter(name="Once").count() == 1


def test_two_clicks_on_save_add_one_row(visit):
    service = Service.objects.create(title="Massage", slug="massage")
    page = visit(address("services_service", "change", service.pk))
    page.locator("#questions-group > fieldset > details > summary").click()
    page.get_by_role("button", name="Add another Question").click()
    page.keyboard.type("Once?")
    page.locator("#questions-0").get_by_label("Answer", exact=True).fill("Yes.")
    press_twice(page, "Save")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert FAQ.objects.filter(question="Once?").count() == 1


def test_two_clicks_in_a_popup_add_one_to_choose(visit):
    page = visit(address("services_faq", "add"))
    with page.expect_popup() as opened:
        page.get_by_title("Add another service").click()
    popup = opened.value
    popup.get_by_label("Title:", exact=True).first.type("Cupping")
    with popup.expect_event("close"):  # perhaps between the two clicks
        popup.evaluate(TWICE)
    expect(page.locator("#id_service option:checked")).to_have_text("Cupping")
    assert Service.objects.filter(title="Cupping").count() == 1


def test_preview_then_save_and_a_second_preview_go_out(form, context):
    for _ in range(2):
        with context.expect_page() as opened:
            press(form, "Preview")
        opened.value.close()
    press(form, "Save")
    expect(form.get_by_text("was added successfully")).to_be_visible()


RETURN = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


@pytest.mark.parametrize("is_returned_to", [True, False])
def test_form_that_did_not_arrive_can_be_sent_again(form, is_returned_to):
    form.clock.install()
    form.reload()
    form.get_by_label("Quote:").fill("It helped.")
    form.get_by_label("Name:", exact=True).fill("Once")
    form.route("**/add/", lambda route: route.fulfill(status=204), times=1)
    with form.expect_response(lambda response: response.status == 204):
        press(form, "Save")
    press(form, "Save")
    assert not Testimonial.objects.filter(name="Once").exists()
    if is_returned_to:
        form.evaluate(RETURN)
    else:
        form.clock.fast_forward("00:11")
    press(form, "Save")
    expect(form.get_by_text("was added successfully")).to_be_visible()
    assert Testimonial.objects.filter(name="Once").count() == 1
