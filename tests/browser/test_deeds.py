"""Drafts, dates, clashes and history, done by staff and seen by patients in a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from publishing.models import Revision
from services.models import Service
from tests.admin.rows import address

PASSWORD = "correct horse battery staple"


@pytest.fixture
def url(full_site):
    return address("services_service", "change", Service.objects.first().pk)


@pytest.fixture
def patient(browser, live_server):
    """What a patient reads at the head of the service's page."""
    context = browser.new_context()
    page = context.new_page()

    def heading():
        page.goto(live_server.url + Service.objects.first().get_absolute_url())
        return page.get_by_role("heading", level=1)

    yield heading
    context.close()


def title(page):
    return page.get_by_label("Title:", exact=True).first


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def test_one_word_of_an_answer_is_changed_in_four_clicks(visitor, live_server, manager, page):
    question = Service.objects.first().questions.first()
    clicks = 0

    def click(locator):
        nonlocal clicks
        clicks += 1
        locator.click()

    visitor.goto(f"{live_server.url}/admin/")
    visitor.get_by_label("Username").fill("manager")
    visitor.get_by_label("Password").fill(PASSWORD)
    click(visitor.get_by_role("button", name="Log in"))
    click(visitor.get_by_role("link", name="Answer a question"))
    click(visitor.get_by_role("link", name=question.question, exact=True))
    answer = visitor.get_by_label("Answer:")
    answer.press("ControlOrMeta+Home")
    answer.press_sequentially("Honestly: ")
    click(visitor.get_by_role("button", name="Save", exact=True).first)
    expect(visitor.get_by_text("was changed successfully")).to_be_visible()
    assert clicks == 4
    page.goto(live_server.url + question.service.get_absolute_url())
    expect(page.locator("main")).to_contain_text(f"Honestly: {question.answer[:40]}")


def test_second_of_two_editors_sees_both_texts_and_keeps_hers(visit, staff, context, live_server, url, patient):
    visit(url)
    colleague = context.new_page()
    colleague.goto(live_server.url + url)
    title(colleague).fill("By the colleague")
    press(colleague, "Save")
    expect(colleague.get_by_text("was changed successfully")).to_be_visible()
    title(staff).fill("By me")
    press(staff, "Save")
    expect(staff.get_by_text("changed the same place meanwhile")).to_contain_text("manager (")
    clash = staff.get_by_role("row").filter(has_text="By the colleague")
    expect(clash.first).to_contain_text("By me")
    expect(title(staff)).to_have_value("By me")
    expect(patient()).to_have_text("By the colleague")
    press(staff, "Save")
    expect(staff.get_by_text("was changed successfully").or_(staff.locator(".success"))).to_be_visible()
    expect(patient()).to_have_text("By me")


def test_dated_change_waits_on_the_home_and_goes_live_by_itself(visit, live_server, url, patient):
    page = visit(url)
    title(page).fill("In spring")
    page.get_by_label("to go live by itself at").fill("2099-03-08T09:30")
    page.get_by_role("button", name="Keep as draft").last.click()
    expect(page.locator(".messagelist")).to_contain_text("It goes live by itself on Mar 8, 2099, 9:30 a.m. EDT")
    expect(patient()).not_to_have_text("In spring")
    row = visit("/admin/").get_by_role("row").filter(has_text="In spring")
    expect(row).to_contain_text("A kept change goes live by itself")
    Revision.objects.drafts().update(apply_at=timezone.now() - timedelta(seconds=1))
    expect(patient()).to_have_text("In spring")
    expect(visit("/admin/").locator(".home__changes")).to_contain_text("Went live as planned")


def test_draft_of_a_colleague_is_found_in_the_list_and_discarded(visit, url):
    page = visit(url)
    title(page).fill("An idea")
    press(page, "Keep as draft")
    page = visit(address("services_service", "changelist"))
    page.get_by_role("link", name="Has a draft").click()
    expect(title(page)).to_have_value("An idea")
    press(page, "Discard draft")
    expect(page.get_by_text("The draft is discarded")).to_be_visible()
    expect(title(page)).not_to_have_value("An idea")


def test_old_version_is_found_read_and_restored_with_its_rows(visit, url, patient):
    page = visit(url)
    before, count = title(page).input_value(), Service.objects.first().benefits.count()
    title(page).fill("Worse")
    page.locator("#benefits-group > fieldset > details > summary").click()
    page.locator("#id_benefits-0-DELETE").check()
    press(page, "Save")
    expect(patient()).to_have_text("Worse")
    visit(url)
    page.get_by_role("link", name="History").click()
    latest = page.locator(".version").first
    expect(latest).to_contain_text(before)
    expect(latest).to_contain_text("(deleted)")
    expect(latest.locator("tbody tr")).to_have_count(2)
    page.locator(".version").last.get_by_role("link", name="Open this version").click()
    expect(page.get_by_text("“Save” makes it live again.")).to_be_visible()
    press(page, "Save")
    expect(patient()).to_have_text(before)
    assert Service.objects.first().benefits.count() == count


def test_deleted_service_comes_back_at_its_address(visit, url, patient):
    page = visit(url)
    before = title(page).input_value()
    page.get_by_role("link", name="Delete", exact=True).first.click()
    page.get_by_role("button", name="Yes, I’m sure").click()
    page.get_by_role("link", name="Deleted services").click()
    page.get_by_role("main").get_by_role("link", name=before).last.click()
    press(page, "Save")
    expect(page).to_have_url(re.compile(r"/admin/services/service/"))
    assert Service.objects.filter(pk=url.split("/")[-3]).exists()
    expect(patient()).to_have_text(before)
