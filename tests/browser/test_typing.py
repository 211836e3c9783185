"""What is typed and pasted is counted and never cut, and lines become rows: with a real Ctrl+V."""

import pytest
from playwright.sync_api import expect

from services.models import Benefit, Service
from tests.admin.rows import address
from tests.browser.test_admin import PART

LIST = "•\tLess pain: soon\n1. Better sleep\n- Calm"


@pytest.fixture
def form(visit, context, live_server, full_site):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    service = Service.objects.create(title="Massage", slug="massage", publish_at="2026-01-01T00:00Z")
    Benefit.objects.create(service=service, text="Warm hands")
    Benefit.objects.create(service=service, text="Last")
    return visit(address("services_service", "change", service.pk))


def paste(page, text):
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_pasted_summary_is_kept_whole_and_counted(form):
    summary = form.get_by_label("Summary:")
    summary.focus()
    paste(form, "x" * 236)
    expect(summary).to_have_value("x" * 236)
    expect(form.locator("#id_summary_count")).to_have_text("236 of 200 characters: 36 too many")
    form.get_by_role("button", name="Save", exact=True).first.click()
    expect(form.get_by_text("One thing is to be corrected")).to_be_visible()
    expect(form.get_by_label("Summary:")).to_have_value("x" * 236)
    expect(form.locator("#id_summary_error")).to_contain_text("236 characters, 36 too many")
    form.get_by_label("Summary:").fill("x" * 120)
    expect(form.locator("#id_summary_count")).to_have_text("120 of 200 characters")
    form.get_by_label("Summary:").fill("x")
    expect(form.locator("#id_summary_count")).to_be_hidden()


def test_lines_pasted_into_a_benefit_become_rows_in_their_place(form):
    form.locator(PART.format("benefits")).click()
    row = form.locator("#benefits-0")
    row.locator("summary").click()
    row.locator("textarea").fill("")
    row.locator("textarea").focus()
    paste(form, LIST)
    form.get_by_role("button", name="Make 3 rows of these 3 lines").click()
    expect(row.locator("textarea")).to_be_focused()
    form.get_by_role("button", name="Save", exact=True).first.click()
    expect(form.locator(".messagelist .success")).to_be_visible()
    texts = list(Service.objects.get(slug="massage").benefits.values_list("text", flat=True))
    assert texts == ["Less pain: soon", "Better sleep", "Calm", "Last"]


def test_lines_pasted_into_a_field_of_one_line_become_rows(form):
    form.locator(PART.format("conditions")).click()
    form.get_by_role("button", name="Add another Condition").click()
    paste(form, "* Heel pain\r\n* Stiff neck")
    form.get_by_role("button", name="Make 2 rows of these 2 lines").click()
    names = form.locator("#conditions-group .dynamic-conditions input[data-lines]")
    assert [field.input_value() for field in names.all()] == ["Heel pain", "Stiff neck"]
    form.keyboard.type("!")
    expect(form.get_by_role("button", name="Make 2 rows")).to_have_count(0)
