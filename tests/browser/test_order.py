"""Staff put rows into order by mouse and by keyboard, in a real browser under the staff's policy."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Session
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.rows import address
from tests.browser.test_admin import PART, SERVICES

QUESTIONS = ["One?", "Two?", "Three?", "Four?"]
TITLES = "#questions-group .inline-related:not(.empty-form) .ordered__title"
MOVED = "[role=status]:not(:empty)"


@pytest.fixture
def massage(full_site):
    service = Service.objects.create(title="Massage", slug="massage", publish_at="2026-01-01T00:00Z")
    for question in QUESTIONS:
        FAQ.objects.create(service=service, question=question, answer=f"Answer to {question}")
    return service


@pytest.fixture
def form(visit, massage):
    """The form of a service with four questions, unfolded."""
    page = visit(address("services_service", "change", massage.pk))
    page.locator(PART.format("questions")).click()
    return page


def shows(page, *titles):
    expect(page.locator(TITLES)).to_have_text(list(titles))


def button(page, question, way):
    return page.get_by_role("button", name=f"Move “{question}” {way}", exact=True)


def drag(page, question, onto):
    """Drag a question by its handle just past the middle of another."""
    handle = page.locator(".inline-related", has_text=question).locator(".ordered__handle")
    handle.hover()
    page.mouse.down()
    place = page.locator(".inline-related", has_text=onto).bounding_box()
    is_above = place["y"] < handle.bounding_box()["y"]
    page.mouse.move(place["x"] + 20, place["y"] + place["height"] * (0.3 if is_above else 0.7), steps=8)
    page.mouse.up()


def add(page, question, answer="Yes."):
    page.get_by_role("button", name="Add another Question").click()
    row = page.locator(".dynamic-questions").last
    expect(row.get_by_label("Question", exact=True)).to_be_focused()
    page.keyboard.type(question)
    row.get_by_label("Answer", exact=True).fill(answer)


def save(page, name="Save"):
    page.get_by_role("button", name=name, exact=True).first.click()


def saved(page, live_server, *questions):
    """Save; the questions stand in this order on the public page."""
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto(f"{live_server.url}/services/massage/")
    expect(page.locator("#questions summary")).to_have_text([re.compile(re.escape(text)) for text in questions])


def test_parts_unfold_by_keyboard_and_no_number_is_seen(form):
    expect(form.locator(PART.format("questions"))).to_have_text(re.compile(r"Questions \(4\)", re.IGNORECASE))
    form.locator(PART.format("benefits")).focus()
    form.keyboard.press("Enter")
    expect(form.get_by_role("button", name="Add another Benefit")).to_be_visible()
    form.locator("#questions-0 summary").press("Enter")
    expect(form.locator("#questions-0").get_by_label("Answer", exact=True)).to_be_visible()
    expect(form.get_by_label("Position:").locator("visible=true")).to_have_count(0)


def test_rows_are_moved_by_keyboard(form, live_server):
    button(form, "Three?", "up").focus()
    form.keyboard.press("Enter")
    expect(form.locator(MOVED)).to_have_text("Question moved to place 2 of 4")
    expect(button(form, "Three?", "up")).to_be_focused()
    form.keyboard.press("Space")
    shows(form, "Three?", "One?", "Two?", "Four?")
    form.keyboard.press("Enter")
    expect(form.locator(MOVED)).to_have_text("Question moved to place 1 of 4")
    expect(button(form, "Three?", "up")).to_have_attribute("aria-disabled", "true")
    form.keyboard.press("Tab")
    form.keyboard.press("Enter")
    saved(form, live_server, "One?", "Three?", "Two?", "Four?")


def test_rows_are_dragged_by_mouse(form, live_server):
    drag(form, "Four?", onto="Two?")
    expect(form.locator(MOVED)).to_have_text("Question moved to place 2 of 4")
    drag(form, "One?", onto="Three?")
    shows(form, "Four?", "Two?", "Three?", "One?")
    saved(form, live_server, "Four?", "Two?", "Three?", "One?")


def test_rows_are_dragged_by_touch(form, live_server):
    finger = form.context.new_cdp_session(form)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    handle = form.locator(".inline-related", has_text="Four?").locator(".ordered__handle").bounding_box()
    over = form.locator(".inline-related", has_text="Two?").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    end = over["y"] + over["height"] * 0.3

    def touch(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at} for at in points]})

    touch("touchStart", y)
    for step in range(1, 9):
        touch("touchMove", y + (end - y) * step / 8)
    touch("touchEnd")
    expect(form.locator(MOVED)).to_have_text("Question moved to place 2 of 4")
    saved(form, live_server, "One?", "Four?", "Two?", "Three?")


def test_open_row_is_dragged_past_others(form):
    form.locator("#questions-1 summary").click()
    drag(form, "One?", onto="Four?")
    shows(form, "Two?", "Three?", "Four?", "One?")
    expect(form.locator("#questions-1").get_by_label("Answer", exact=True)).to_be_visible()


def test_new_rows_move_like_saved_ones(form, live_server):
    add(form, "New?")
    add(form, "Newer?")
    shows(form, *QUESTIONS, "New?", "Newer?")
    for _ in range(3):
        button(form, "New?", "up").click()
    drag(form, "Newer?", onto="One?")
    shows(form, "Newer?", "One?", "New?", "Two?", "Three?", "Four?")
    saved(form, live_server, "Newer?", "One?", "New?", "Two?", "Three?", "Four?")


def test_new_row_taken_back_after_moves_leaves_the_saved_ones_whole(form, live_server):
    for text in ("New?", "Newer?", "Newest?"):
        add(form, text)
        for _ in range(4):
            button(form, text, "up").click()
    shows(form, "New?", "Newer?", "Newest?", *QUESTIONS)
    form.get_by_role("button", name="Remove “Newer?”").click()
    shows(form, "New?", "Newest?", *QUESTIONS)
    expect(form.get_by_role("button", name="Add another Question")).to_be_focused()
    add(form, "Last?")
    button(form, "Last?", "up").click()
    saved(form, live_server, "New?", "Newest?", "One?", "Two?", "Three?", "Last?", "Four?")
    assert FAQ.objects.get(question="Two?").answer == "Answer to Two?"


def test_deleted_row_does_not_count(form, live_server):
    form.get_by_label("Delete “Two?”").check()
    expect(form.locator(PART.format("questions"))).to_have_text(re.compile(r"\(3\)"))
    button(form, "Three?", "up").click()
    expect(form.locator(MOVED)).to_have_text("Question moved to place 1 of 3")
    saved(form, live_server, "Three?", "One?", "Four?")


def test_empty_added_row_is_no_mistake(form, live_server):
    form.get_by_role("button", name="Add another Question").click()
    button(form, "New question", "up").click()
    button(form, "Two?", "up").click()
    saved(form, live_server, "Two?", "One?", "Three?", "Four?")


def test_mistake_keeps_the_order_that_was_on_the_screen(form, live_server):
    add(form, "New?", answer="")
    for _ in range(2):
        button(form, "New?", "up").click()
    button(form, "Four?", "up").click()
    save(form)
    expect(form.get_by_text("One thing is to be corrected")).to_be_visible()
    shows(form, "One?", "Two?", "New?", "Four?", "Three?")
    row = form.locator("#questions-4")
    expect(row.get_by_text("This field is required.")).to_be_visible()
    row.get_by_label("Answer", exact=True).fill("Yes.")
    button(form, "One?", "down").click()
    saved(form, live_server, "Two?", "One?", "New?", "Four?", "Three?")


def test_twentieth_question_is_added_by_keyboard_alone(form, live_server):
    adding = form.get_by_role("button", name="Add another Question")
    for n in range(5, 21):
        adding.press("Enter")
        form.keyboard.type(f"Question {n}?")
        form.keyboard.press("Tab")
        form.keyboard.type("Yes.")
    adding.press("Enter")
    expect(form.locator("#questions-20").get_by_label("Question", exact=True)).to_be_in_viewport()
    saved(form, live_server, *QUESTIONS, *(f"Question {n}?" for n in range(5, 21)))


def test_saving_and_going_on_leads_back_to_the_same_place(form):
    form.locator("#questions-1 summary").click()
    add(form, "New?")
    button(form, "New?", "up").click()
    form.locator("#questions-3").scroll_into_view_if_needed()
    form.mouse.wheel(0, -120)
    form.wait_for_timeout(100)
    before = form.evaluate("document.querySelector('#questions-3').getBoundingClientRect().top")
    form.evaluate("document.querySelector('[name=_continue]').click()")
    expect(form.get_by_text("was changed successfully")).to_have_count(1)
    is_open = "[...document.querySelectorAll('#questions-group .ordered__row')].map((row) => row.open)"
    expect(form.locator("#questions-1 .ordered__row")).to_have_attribute("open", "")
    assert form.evaluate(is_open)[:5] == [False, True, False, True, False]
    after = form.evaluate("document.querySelector('#questions-4').getBoundingClientRect().top")
    assert abs(after - before) < 3
    form.reload()
    expect(form.locator("#questions-1")).to_be_hidden()


def test_link_to_a_part_opens_it(visit, massage):
    page = visit(address("services_service", "change", massage.pk))
    page.get_by_role("link", name="benefits", exact=True).click()
    expect(page.get_by_role("button", name="Add another Benefit")).to_be_in_viewport()


def test_without_scripts_a_number_is_shown_and_lists_move(browser, manager_client, massage, live_server):
    context = browser.new_context(java_script_enabled=False)
    session = manager_client.cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + address("services_service", "change", massage.pk))
    page.locator(PART.format("questions")).click()
    page.locator("#questions-3 summary").click()
    page.locator("#questions-3").get_by_label("Position").fill("0")
    expect(page.get_by_role("button", name="Move")).to_have_count(0)
    save(page)
    assert massage.questions.first().question == "Four?"
    page.goto(live_server.url + SERVICES)
    button(page, "Massage", "up").press("Enter")
    expect(page.get_by_text("is now at place 2 of 3.")).to_be_visible()
    expect(button(page, "Massage", "up")).to_be_focused()
    context.close()


def test_services_are_moved_in_their_list(visit, massage, live_server):
    page = visit(SERVICES)
    rows = page.locator("#result_list tbody th")
    expect(rows.last).to_have_text("Massage")
    up = button(page, "Massage", "up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator(MOVED)).to_have_text("Service “Massage” is now at place 2 of 3.")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows.first).to_have_text("Massage")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    button(page, "Massage", "down").click()
    expect(rows.nth(1)).to_have_text("Massage")
    page.goto(f"{live_server.url}/services/")
    expect(page.locator("main h2, main h3").filter(has_text="Massage")).to_have_count(1)
    assert list(Service.objects.values_list("slug", flat=True))[1] == "massage"


def test_move_after_the_login_expired_leads_to_the_login(visit, massage):
    page = visit(SERVICES)
    Session.objects.all().delete()
    button(page, "Massage", "up").press("Enter")
    expect(page.get_by_label("Username")).to_be_visible()
    assert Service.objects.last() == massage


def test_row_of_a_form_goes_to_the_top_and_to_the_end_by_one_key(form, live_server):
    button(form, "Three?", "to the top").focus()
    form.keyboard.press("Enter")
    shows(form, "Three?", "One?", "Two?", "Four?")
    expect(form.locator(MOVED)).to_have_text("Question moved to place 1 of 4")
    expect(button(form, "Three?", "to the top")).to_be_focused()
    button(form, "One?", "to the end").press("Enter")
    saved(form, live_server, "Three?", "Two?", "Four?", "One?")


def drag_in_list(page, name, onto, part=0.3):
    """Drag a row of a list by its handle into the upper or lower part of another."""
    handle = page.locator("#result_list tr", has_text=name).locator(".list__handle")
    handle.hover()
    page.mouse.down()
    place = page.locator("#result_list tr", has_text=onto).bounding_box()
    page.mouse.move(place["x"] + 20, place["y"] + place["height"] * part, steps=8)
    page.mouse.up()


def test_row_of_a_list_is_dragged_by_its_handle(visit, full_site):
    for name in ("Ann", "Ben", "Cid", "Dee"):
        Testimonial.objects.create(name=name, quote="It helped.")
    page = visit(address("testimonials_testimonial", "changelist"))
    expected = [*Testimonial.objects.exclude(name__in=["Ann", "Dee"])]
    expected.insert(expected.index(Testimonial.objects.get(name="Ben")), Testimonial.objects.get(name="Dee"))
    drag_in_list(page, "Dee", "Ann")
    count = Testimonial.objects.count()
    expect(page.locator(MOVED)).to_have_text(f"Testimonial “Dee” is now at place {count - 3} of {count}.")
    expect(button(page, "Dee", "up")).to_be_focused()
    drag_in_list(page, "Ann", "Cid", 0.7)
    expect(page.locator(MOVED)).to_have_text(f"Testimonial “Ann” is now at place {count} of {count}.")
    assert list(Testimonial.objects.all()) == [*expected, Testimonial.objects.get(name="Ann")]


def test_question_is_not_dragged_among_those_of_another_service(visit, massage):
    FAQ.objects.create(question="General?", answer="Yes.")
    page = visit(address("services_faq", "changelist"))
    drag_in_list(page, "Three?", "General?")
    expect(page.locator(MOVED)).to_have_text("Question “Three?” is now at place 1 of 4.")
    assert [one.question for one in massage.questions.all()] == ["Three?", "One?", "Two?", "Four?"]


def test_row_of_a_list_goes_to_the_top_by_one_key(visit, massage):
    page = visit(SERVICES)
    button(page, "Massage", "to the top").press("Enter")
    expect(page.locator("#result_list tbody th").first).to_have_text("Massage")
    expect(page.locator(MOVED)).to_have_text("Service “Massage” is now at place 1 of 3.")
    expect(button(page, "Massage", "to the top")).to_be_focused()


def test_order_is_changed_on_a_phone_without_scrolling_sideways(visit, staff):
    staff.set_viewport_size({"width": 360, "height": 800})
    page = visit(address("testimonials_testimonial", "changelist"))
    row = page.locator(".results tbody tr").nth(1)
    for way in ("to the top", "up", "down", "to the end"):
        box = row.get_by_role("button", name=re.compile(f"{way}$")).bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
        assert min(box["width"], box["height"]) >= 24
    row.get_by_role("button", name=re.compile("to the top$")).click()
    expect(page.get_by_text("is now at place 1 of")).to_be_visible()
