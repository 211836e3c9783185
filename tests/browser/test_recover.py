"""What staff typed and did not save is given back, in a real browser under the staff's policy."""

import re
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Error, expect

from accounts.models import Session
from pages.models import CLINIC_KEY, OpeningHours, Page
from publishing.models import Revision
from services.models import FAQ, Benefit, Condition, Service
from tests.admin.rows import MAKERS, address, picture, recorded
from tests.browser.test_admin import PART, STOCK
from tests.browser.test_order import TITLES, add, button, save
from tests.browser.test_walk import violations

ELSEWHERE = "/admin/"
KEYS = "Object.keys(localStorage).filter((key) => key.startsWith('typed:'))"
BACK = "Put it back"


@pytest.fixture
def massage(full_site):
    service = Service.objects.create(title="Massage", slug="massage", publish_at="2026-01-01T00:00Z")
    for question in ("One?", "Two?", "Three?"):
        FAQ.objects.create(service=service, question=question, answer=f"Answer to {question}")
    Condition.objects.create(service=service, name="Stiff neck", anchor="neck", text="It loosens.", regions=["neck"])
    return service


@pytest.fixture
def form(visit, massage):
    """The form of a service with three questions and a condition."""
    return visit(address("services_service", "change", massage.pk))


def title(page):
    return page.get_by_label("Title:", exact=True).first


def offer(page):
    return page.locator(".recover")


def put_back(page):
    page.get_by_role("button", name=BACK).press("Enter")
    expect(offer(page)).to_contain_text("Your text is in the form again. It is not saved yet.")


def kept(page):
    """The keys of what is noted in this browser, once the page's scripts have run."""
    page.wait_for_load_state()
    return page.evaluate(KEYS)


def come_back(page, leave=ELSEWHERE):
    """Leave the form for another page, and open it again."""
    path = page.url
    page.goto(path.split("/admin/")[0] + leave)
    page.goto(path)
    return page


def test_all_kinds_of_fields_rows_and_their_order_are_put_back(form, massage):
    title(form).fill("Massage, typed")
    form.get_by_label("Drawing:").first.select_option(index=1)
    drawing = form.get_by_label("Drawing:").first.input_value()
    form.get_by_label("Public from: date").fill("2026-02-03")
    form.get_by_label("Public from: time").fill("09:30")
    form.get_by_label("to go live by itself").fill("2099-01-01T09:00")
    form.locator(PART.format("conditions")).click()
    form.locator("#conditions-0 summary").click()
    form.locator("#conditions-0").get_by_label("Neck", exact=True).uncheck()
    form.locator("#conditions-0").get_by_label("Hip").check()
    form.locator(PART.format("questions")).click()
    add(form, "New?")
    add(form, "Newer?", answer="")
    for _ in range(3):
        button(form, "New?", "up").click()
    form.get_by_label("Delete “Two?”").check()

    come_back(form)
    expect(title(form)).to_have_value("Massage")
    expect(offer(form)).to_have_text(re.compile(r"Text of \w+ \d+, \d{4} at .* was not saved"))
    expect(form.locator("#questions-3")).to_have_count(0)
    put_back(form)
    expect(form.locator(".recover p")).to_be_focused()
    expect(title(form)).to_have_value("Massage, typed")
    expect(form.get_by_label("Drawing:").first).to_have_value(drawing)
    expect(form.get_by_label("to go live by itself")).to_have_value("2099-01-01T09:00")
    expect(form.locator("#conditions-0").get_by_label("Hip")).to_be_visible()
    expect(form.locator(TITLES)).to_have_text(["New?", "One?", "Two?", "Three?", "Newer?"])
    expect(form.locator(PART.format("questions"))).to_have_text(re.compile(r"\(4\)"))
    expect(button(form, "New?", "up")).to_have_attribute("aria-disabled", "true")
    expect(form.locator("#questions-0 .ordered__row")).not_to_have_attribute("open", "")
    form.locator("#questions-4").get_by_label("Answer", exact=True).fill("Yes.")
    form.get_by_label("to go live by itself").fill("")
    save(form)
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    assert kept(form) == []
    massage.refresh_from_db()
    assert (massage.title, massage.drawing) == ("Massage, typed", drawing)
    assert f"{massage.publish_at:%Y-%m-%d %H:%M}" == "2026-02-03 14:30"
    assert massage.conditions.get().regions == ["hip"]
    questions = [(row.question, row.answer) for row in massage.questions.all()]
    assert questions == [
        ("New?", "Yes."),
        ("One?", "Answer to One?"),
        ("Three?", "Answer to Three?"),
        ("Newer?", "Yes."),
    ]


def test_text_in_the_editor_is_put_back_and_saved(visit):
    written = Page.objects.create(title="Lot", slug="lot", body="<p>In the yard.</p>")
    page = visit(address("pages_page", "change", written.pk))
    editor = page.get_by_role("textbox", name="Text")
    editor.click()
    page.keyboard.press("End")
    page.keyboard.type(" Or here.")
    come_back(page)
    expect(editor).to_have_text("In the yard.")
    put_back(page)
    expect(editor).to_have_text("In the yard. Or here.")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    written.refresh_from_db()
    assert written.body == "<p>In the yard. Or here.</p>"


def test_rows_of_a_table_are_put_back(visit):
    page = visit(address("pages_clinic", "change", CLINIC_KEY))
    count = OpeningHours.objects.count()
    page.get_by_role("button", name="Add another Opening hours").click()
    row = page.locator(f"#opening_hours-{count}")
    row.get_by_label("Weekday").select_option("Sunday")
    row.get_by_label("Opens").fill("08:00")
    row.get_by_label("Closes").fill("12:30")
    page.locator("#opening_hours-0").get_by_label("Delete").check()
    come_back(page)
    put_back(page)
    expect(row.get_by_label("Closes")).to_have_value("12:30")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert kept(page) == []
    assert OpeningHours.objects.count() == count
    assert OpeningHours.objects.filter(closes="12:30", opens="08:00").exists()


def expired_login(page, live_server):
    Session.objects.all().delete()
    save(page)
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Log in").click()


def lost_connection(page, live_server):
    path = page.url
    page.context.set_offline(True)
    save(page)
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(path)


def forged(page, live_server):
    """What Django takes for a forged request: the cookie is gone."""
    page.context.clear_cookies(name="csrf")
    refused(page, 403)


def fault(page, live_server):
    answer = {"status": 500, "body": "Server Error"}
    page.route("**/change/", lambda route: route.fulfill(**answer), times=1)
    refused(page, 500)


def refused(page, status):
    path = page.url
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        save(page)
    assert answer.value.status == status
    page.goto(path)


@pytest.mark.parametrize("happens", [expired_login, lost_connection, forged, fault])
def test_save_that_did_not_arrive_loses_nothing(page, context, live_server, massage, manager_client, happens):
    session = manager_client.cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    page.goto(live_server.url + address("services_service", "change", massage.pk))
    title(page).fill("Typed")
    page.locator(PART.format("questions")).click()
    add(page, "New?")
    happens(page, live_server)
    expect(title(page)).to_have_value("Massage")
    put_back(page)
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    massage.refresh_from_db()
    assert (massage.title, massage.questions.count()) == ("Typed", 4)
    assert kept(page) == []


def test_form_with_a_mistake_keeps_its_note_and_what_is_typed_then(form, massage):
    title(form).fill("Typed")
    form.get_by_label("to go live by itself").fill("2099-01-01T09:00")
    form.locator(PART.format("questions")).click()
    add(form, "New?", answer="")
    save(form)
    expect(form.get_by_text("One thing is to be corrected")).to_be_visible()
    expect(form.get_by_label("to go live by itself")).to_have_value("2099-01-01T09:00")
    expect(offer(form)).to_have_count(0)
    form.locator("#questions-3").get_by_label("Answer", exact=True).fill("Yes.")
    come_back(form)
    put_back(form)
    form.get_by_label("to go live by itself").fill("")
    save(form)
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    massage.refresh_from_db()
    assert massage.title == "Typed"
    assert massage.questions.last().answer == "Yes."
    assert kept(form) == []


def test_every_way_to_save_forgets_and_preview_does_not(form, context, massage):
    title(form).fill("Typed")
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview").first.click()
    opened.value.close()
    assert len(kept(form)) == 1
    for name in ("Save and continue editing", "Save and add another", "Save"):
        form.goto(form.url.split("/admin/")[0] + address("services_service", "change", massage.pk))
        if offer(form).count():
            put_back(form)
        title(form).fill(f"Typed, then {name}")
        save(form, name)
        expect(form.locator(".messagelist .success")).to_be_visible()
        assert kept(form) == [], name


def test_preview_with_a_mistake_leaves_no_note_once_the_form_is_saved(form, context, massage):
    title(form).fill("")
    form.locator(PART.format("questions")).click()
    add(form, "New?")
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview").first.click()
    wrong = opened.value
    expect(wrong.get_by_text("One thing is to be corrected")).to_be_visible()
    expect(offer(wrong)).to_have_count(0)
    title(wrong).fill("Typed beside")
    wrong.close()
    assert len(kept(form)) == 1
    title(form).fill("Typed")
    save(form, "Save and continue editing")
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    expect(offer(form)).to_have_count(0)
    assert kept(form) == []
    massage.refresh_from_db()
    assert (massage.title, massage.questions.count()) == ("Typed", 4)


def test_what_is_corrected_beside_the_form_is_kept_too(form, context):
    title(form).fill("")
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview").first.click()
    title(opened.value).fill("Typed beside")
    opened.value.close()
    come_back(form)
    put_back(form)
    expect(title(form)).to_have_value("Typed beside")


def test_drafts_count_as_saved_and_have_their_own_place(form, massage):
    live = form.url
    title(form).fill("A draft")
    save(form, "Keep as draft")
    expect(form.get_by_text("Kept as a draft.")).to_be_visible()
    assert kept(form) == []
    draft = form.url
    title(form).fill("More of the draft")
    form.goto(live)
    expect(title(form)).to_have_value("Massage")
    expect(offer(form)).to_have_count(0)
    form.goto(draft)
    expect(title(form)).to_have_value("A draft")
    put_back(form)
    form.get_by_label("to go live by itself").fill("2001-01-01T09:00")
    save(form, "Keep as draft")
    expect(form.get_by_text("Kept as a draft, but the time")).to_be_visible()
    expect(title(form)).to_have_value("More of the draft")
    assert kept(form) == []
    title(form).fill("Typed in vain")
    save(form, "Discard draft")
    expect(form.get_by_text("The draft is discarded.")).to_be_visible()
    assert kept(form) == []


def colleague_saves(client, massage):
    """Another member of staff changes the summary and the first question, and adds and deletes a row."""
    recorded(massage)  # as each save does first
    Service.objects.filter(pk=massage.pk).update(summary="Theirs.")
    one, two, _ = massage.questions.all()
    FAQ.objects.filter(pk=one.pk).update(answer="Theirs.")
    two.delete()
    FAQ.objects.create(service=massage, question="Theirs?", answer="Yes.")
    Benefit.objects.create(service=massage, text="Theirs.")


def test_text_is_joined_with_what_a_colleague_saved_meanwhile(form, massage, manager_client):
    title(form).fill("Typed")
    form.locator(PART.format("questions")).click()
    form.locator("#questions-2 summary").click()
    form.locator("#questions-2").get_by_label("Answer", exact=True).fill("Mine.")
    add(form, "Mine?")
    form.goto(form.url.split("/admin/")[0] + ELSEWHERE)
    colleague_saves(manager_client, massage)
    form.go_back()
    expect(form.get_by_label("Summary:")).to_have_value("Theirs.")
    form.get_by_role("button", name=BACK).click()
    expect(offer(form)).to_contain_text("Others changed this meanwhile: saving joins theirs with yours.")
    expect(form).to_have_url(re.compile(r"/change/$"))
    expect(title(form)).to_have_value("Typed")
    save(form, "Save and continue editing")
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    expect(form.get_by_label("Summary:")).to_have_value("Theirs.")
    assert kept(form) == []
    massage.refresh_from_db()
    assert (massage.title, massage.summary, massage.benefits.get().text) == ("Typed", "Theirs.", "Theirs.")
    answers = {row.question: row.answer for row in massage.questions.all()}
    assert answers == {"One?": "Theirs.", "Three?": "Mine.", "Theirs?": "Yes.", "Mine?": "Yes."}


def test_clash_with_a_colleague_is_told_and_neither_text_is_lost(form, massage, manager_client):
    form.get_by_label("Summary:").fill("Mine.")
    form.locator(PART.format("questions")).click()
    form.locator("#questions-1 summary").click()
    form.locator("#questions-1").get_by_label("Answer", exact=True).fill("Mine, in a row that they delete.")
    form.goto(form.url.split("/admin/")[0] + ELSEWHERE)
    colleague_saves(manager_client, massage)
    form.go_back()
    form.get_by_role("button", name=BACK).click()
    expect(form.get_by_label("Summary:")).to_have_value("Mine.")
    save(form)
    expect(form.get_by_text("changed the same place meanwhile")).to_be_visible()
    massage.refresh_from_db()
    assert massage.summary == "Theirs."
    assert "Mine, in a row that they delete." in str(Revision.objects.drafts().get().data)
    assert kept(form) == []


def test_forms_users_and_popups_do_not_mix(form, context, live_server, massage):
    title(form).fill("Typed")
    other = context.new_page()
    other.goto(live_server.url + address("services_service", "change", Service.objects.first().pk))
    expect(title(other)).to_be_visible()
    expect(offer(other)).to_have_count(0)
    other.goto(live_server.url + address("services_service", "add"))
    expect(offer(other)).to_have_count(0)
    title(other).press_sequentially("Cupping")
    come_back(other)
    put_back(other)
    expect(other.get_by_label("Address:")).to_have_value("cupping")
    other.goto(live_server.url + address("services_service", "add") + "?_popup=1")
    title(other).fill("In a popup")
    come_back(form)
    expect(offer(form)).to_have_count(1)
    assert len(kept(form)) == 2
    manager = User.objects.get(username="manager")
    log_in_as(context, live_server, User.objects.create_superuser("colleague"))
    expect(offer(come_back(form))).to_have_count(0)
    log_in_as(context, live_server, manager)
    expect(offer(come_back(form))).to_have_count(1)
    other.close()


def log_in_as(context, live_server, user):
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])


def test_two_tabs_with_the_same_form_are_both_given_back(form, context):
    other = context.new_page()
    other.goto(form.url)
    title(form).fill("In the first")
    title(other).fill("In the second")
    other.close()
    come_back(form)
    expect(offer(form)).to_have_count(2)
    title(form).fill("And typed since")
    form.get_by_role("button", name=BACK).first.click()
    found = {title(form).input_value()}
    come_back(form)
    expect(offer(form)).to_have_count(3)
    for _ in range(3):
        form.get_by_role("button", name=BACK).first.click()
        found.add(title(form).input_value())
    assert found == {"In the first", "In the second", "And typed since"}


def test_reload_and_a_crash_lose_nothing_and_offer_it_once(form, context):
    title(form).fill("Typed")
    form.reload()
    expect(title(form)).to_have_value("Massage")
    put_back(form)
    form.get_by_label("Summary:").fill("More.")
    noted(form, "More.")
    path = form.url
    crash(form)
    again = context.new_page()
    again.goto(path)
    expect(offer(again)).to_have_count(1)
    put_back(again)
    expect(title(again)).to_have_value("Typed")
    expect(again.get_by_label("Summary:")).to_have_value("More.")
    again.close()


def noted(page, text):
    """Wait until the text is noted, as it is while somebody types."""
    is_noted = f"{KEYS}.some((key) => localStorage[key].includes('{text}'))"
    page.evaluate(f"async () => {{ while (!{is_noted}) await new Promise(requestAnimationFrame) }}")


def crash(page):
    with pytest.raises(Error, match="crash"):
        page.goto("chrome://crash", timeout=5000)


def test_text_is_thrown_away_on_request_and_after_thirty_days(form, live_server):
    title(form).fill("Typed")
    come_back(form)
    form.get_by_role("button", name="Throw it away").press("Enter")
    expect(form.locator(".recover p")).to_have_text("The text is thrown away.")
    expect(form.locator(".recover p")).to_be_focused()
    assert kept(form) == []
    title(form).fill("Typed again")
    come_back(form)
    form.evaluate(AGE, [kept(form)[0], 29])
    form.reload()
    expect(offer(form)).to_have_count(1)
    form.evaluate(AGE, [kept(form)[0], 2])
    form.reload()
    expect(offer(form)).to_have_count(0)
    assert kept(form) == []


AGE = """([key, days]) => {
  const note = JSON.parse(localStorage[key])
  localStorage[key] = JSON.stringify({ ...note, at: note.at - days * 24 * 60 * 60 * 1000 })
}"""


def test_typed_back_to_what_was_there_is_nothing_to_keep(form):
    title(form).fill("Typed")
    noted(form, "Typed")
    title(form).fill("Massage")
    come_back(form)
    assert kept(form) == []


NONSENSE = ["{", "null", "5", '{"at": 1}', '{"at": "x", "fields": {}}', '{"at": 9e15, "fields": {"title": 5}}']
# Storage that is off or full, for our script alone: the stock admin's own would complain.
NO_STORAGE = """
const storage = window.localStorage
Object.defineProperty(window, "localStorage", {get() {
  if (new Error().stack.includes("recover")) throw new DOMException("off", "SecurityError")
  return storage
}})
"""
FULL = """
const { setItem } = Storage.prototype
Storage.prototype.setItem = function (key, value) {
  if (key.startsWith("typed:")) throw new DOMException("full", "QuotaExceededError")
  setItem.call(this, key, value)
}
"""


def test_nonsense_in_the_storage_breaks_nothing(form):
    title(form).fill("Typed")
    come_back(form)
    key = kept(form)[0]
    form.evaluate("([key, texts]) => texts.forEach((text, n) => (localStorage[key + n] = text))", [key, NONSENSE])
    form.reload()
    expect(offer(form)).to_have_count(1)
    assert kept(form) == [key]
    put_back(form)
    expect(title(form)).to_have_value("Typed")


@pytest.mark.parametrize("state", [NO_STORAGE, FULL], ids=["off", "full"])
def test_form_works_where_nothing_can_be_stored(form, massage, state):
    form.add_init_script(state)
    form.reload()
    title(form).fill("Typed")
    form.locator(PART.format("questions")).click()
    add(form, "New?")
    save(form)
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    assert massage.questions.count() == 4


def test_questions_and_pictures_are_given_back_but_no_file(visit, live_server):
    question, shown = FAQ.objects.first(), picture(1)
    page = visit(address("services_faq", "change", question.pk))
    page.get_by_label("Answer:").fill("Typed.")
    recorded(question)
    FAQ.objects.filter(pk=question.pk).update(question="Changed by a colleague?")
    come_back(page)
    put_back(page)
    expect(page.get_by_label("Answer:")).to_have_value("Typed.")
    save(page)
    expect(page.locator(".messagelist .success")).to_be_visible()
    question.refresh_from_db()
    assert (question.question, question.answer) == ("Changed by a colleague?", "Typed.")
    visit(address("pictures_picture", "change", shown.pk))
    page.get_by_label("Description:").fill("Four colours")
    page.locator("input[type=file]").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    come_back(page)
    put_back(page)
    expect(page.get_by_label("Description:")).to_have_value("Four colours")
    assert "x.jpg" not in page.evaluate("JSON.stringify(localStorage)")
    save(page)
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert kept(page) == []


def test_nothing_is_noted_where_nobody_typed(visit):
    models = ("services_service", "services_faq", "testimonials_testimonial", "pages_page", "pictures_picture")
    for n, model in enumerate(models, start=90):
        visit(address(model, "add"))
        visit(address(model, "change", MAKERS[model](n).pk))
    visit(address("pages_clinic", "change", CLINIC_KEY))
    visit(address("services_service", "change", Condition.objects.first().service_id))
    assert kept(visit(ELSEWHERE)) == []


def test_the_offer_has_no_accessibility_violation_and_works_by_keyboard(form):
    title(form).fill("Typed")
    come_back(form)
    expect(offer(form)).to_be_visible()
    for width, scheme in product((360, 1440), ("light", "dark")):
        form.set_viewport_size({"width": width, "height": 900})
        form.emulate_media(color_scheme=scheme)
        assert violations(form, ".recover") == [], (width, scheme)
    form.get_by_role("button", name=BACK).focus()
    form.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Throw it away")).to_be_focused()
    form.keyboard.press("Shift+Tab")
    form.keyboard.press("Enter")
    expect(title(form)).to_have_value("Typed")
    assert [text for text in violations(form) if not text.startswith(STOCK)] == []


def test_draft_that_a_colleague_overtook_is_joined_too(form, massage, manager_client):
    title(form).fill("A draft")
    save(form, "Keep as draft")
    form.locator("#id_lead").fill("More of the draft.")
    draft = form.url
    form.goto(draft.split("/admin/")[0] + ELSEWHERE)
    colleague_saves(manager_client, massage)
    form.goto(draft)
    put_back(form)
    expect(form).to_have_url(draft)
    save(form)
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    massage.refresh_from_db()
    assert (massage.title, massage.lead, massage.summary) == ("A draft", "More of the draft.", "Theirs.")
    assert kept(form) == []
