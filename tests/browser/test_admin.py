"""What staff do, in a real browser under the staff's Content-Security-Policy."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from pages.models import CLINIC_KEY, Page
from publishing.models import Revision
from services.models import Service
from tests.admin.forms import filled
from tests.admin.rows import MAKERS, address
from tests.browser.test_walk import violations

PASSWORD = "correct horse battery staple"
# Rules that the stock admin's own markup breaks: the empty corner of a table of rows, the search box's lens.
STOCK = ("empty-table-header", "label-title-only")
SERVICES = address("services_service", "changelist")
ADD_SERVICE = address("services_service", "add")
ADD_PAGE = address("pages_page", "add")
PART = "#{}-group > fieldset > details > summary"


def staff_addresses():
    """Every page of the staff's, with a row of each model."""
    found = ["/admin/", "/admin/password_change/", address("pages_clinic", "change", CLINIC_KEY)]
    found.append(address("services_service", "change", Service.objects.first().pk))
    for n, (model, make) in enumerate(MAKERS.items(), start=90):
        row = make(n)
        found += [address(model, "changelist"), address(model, "add"), f"{address(model, 'add')}?_popup=1"]
        found += [address(model, action, row.pk) for action in ("change", "delete", "history")]
        found.append(f"/admin/{model.split('_')[0]}/")
    found += [address("auth_user", "sessions", User.objects.last().pk), "/admin/sign-in-code/", "/admin/sessions/"]
    found += [address("redirects_redirect", name) for name in ("many", "not_found")]
    found.append("/admin/accounts/change/")
    return dict.fromkeys(found)


def test_no_page_breaks_the_policy_or_complains(visit):
    addresses = staff_addresses()
    assert len(addresses) > 45
    for path in addresses:
        visit(path)


def test_member_of_staff_logs_in_and_out(visitor, live_server, manager):
    visitor.goto(f"{live_server.url}{SERVICES}")
    visitor.get_by_label("Username").fill("manager")
    visitor.get_by_label("Password").fill("wrong")
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor.get_by_text("Please enter the correct username and password")).to_be_visible()
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("button", name="Log in").click()
    expect(visitor).to_have_url(f"{live_server.url}{SERVICES}")
    visitor.get_by_role("button", name="Log out").click()
    expect(visitor.get_by_text("Logged out")).to_be_visible()


def test_member_of_staff_changes_the_password(visit):
    page = visit("/admin/password_change/")
    page.get_by_label("Old password").fill(PASSWORD)
    for label in ("New password:", "New password confirmation:"):
        page.get_by_label(label, exact=True).fill("a different sentence 7")
    page.get_by_role("button", name="Change my password").click()
    expect(page.get_by_role("heading", name="Password change successful")).to_be_visible()


def test_page_written_in_the_editor_is_public(visit, live_server):
    page = visit(ADD_PAGE)
    page.get_by_label("Title:").type("Where to park")
    expect(page.get_by_label("Address:")).to_have_value("where-to-park")
    write(page)
    page.get_by_role("link", name="Today").click()
    page.locator(".field-publish_at").get_by_role("link", name="Now").click()
    page.get_by_label("Public from: date").fill("2026-01-01")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    page.get_by_role("link", name="View on site").click()
    expect(page).to_have_url(f"{live_server.url}/where-to-park/")
    expect(page.locator(".rich strong")).to_have_text("free")
    expect(page.locator(".rich li")).to_have_text(["the yard", "the street"])
    expect(page.get_by_role("link", name="map", exact=True)).to_have_attribute("href", "https://example.com/map")


def write(page):
    """Type bold words, a list and a link into the editor."""
    editor, keys = page.get_by_role("textbox", name="Text"), page.keyboard
    editor.click()
    keys.type("Parking is ")
    keys.press("Control+b")
    keys.type("free")
    keys.press("Enter")
    page.get_by_role("button", name="unordered list").click()
    for words in ("the yard", "the street", "", "see the map"):
        keys.type(words)
        keys.press("Enter")
    keys.press("Backspace")
    keys.press("Control+Shift+ArrowLeft")
    page.get_by_role("button", name="insert link").click()
    page.get_by_label("URL").fill("https://example.com/map")
    page.get_by_role("button", name="Update").click()
    expect(editor.locator("a")).to_have_text("map")


def test_service_with_parts_is_public(visit, live_server):
    page = visit(ADD_SERVICE)
    page.get_by_label("Title:", exact=True).first.type("Cupping")
    page.locator(PART.format("benefits")).click()
    page.get_by_role("button", name="Add another Benefit").click()
    page.locator(PART.format("conditions")).click()
    page.locator("#id_benefits-0-text").fill("It warms.")
    page.get_by_role("button", name="Add another Condition").click()
    page.locator("#id_conditions-0-name").type("Stiff Neck")
    page.locator("#id_conditions-0-text").fill("It loosens.")
    page.locator("#conditions-0").get_by_label("Neck", exact=True).check()
    page.get_by_label("Public from: date").fill("2026-01-01")
    page.get_by_label("Public from: time").fill("09:00")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    expect(page.get_by_role("row", name="Cupping")).to_contain_text("Public since Jan 1, 2026, 9 a.m. EST")
    page.goto(f"{live_server.url}/services/cupping/")
    expect(page.get_by_text("It warms.")).to_be_visible()
    expect(page.get_by_role("link", name="Neck: Stiff Neck")).to_be_visible()


def test_mistake_in_a_part_is_shown_beside_it_and_nothing_is_lost(visit):
    page = visit(ADD_SERVICE)
    page.get_by_label("Title:", exact=True).first.type("Cupping")
    page.locator(PART.format("conditions")).click()
    for n in range(2):
        page.get_by_role("button", name="Add another Condition").click()
        page.locator(f"#id_conditions-{n}-name").type("Neck")
        if not n:
            page.locator(f"#id_conditions-{n}-text").fill("It loosens.")
        page.locator(f"#conditions-{n}").get_by_label("Hip").check()
    page.get_by_role("button", name="Save", exact=True).first.click()
    summary = page.get_by_role("alert", name="One thing is to be corrected")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("#conditions-1 .field-text").get_by_text("This field is required.")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#id_conditions-1-text")).to_be_focused()
    expect(page.locator("#id_conditions-1-text")).to_be_in_viewport()
    expect(page.locator("#conditions-1").get_by_label("Hip")).to_be_checked()


def test_date_and_time_can_be_picked(visit):
    page = visit(ADD_SERVICE)
    row = page.locator(".field-publish_at")
    row.get_by_role("link", name="Choose a Date").click()
    page.locator(".calendarbox").get_by_role("link", name="15", exact=True).first.click()
    expect(page.get_by_label("Public from: date")).to_have_value(re.compile(r"^\d{4}-\d\d-15$"))
    row.get_by_role("link", name="Choose a Time").click()
    page.locator(".clockbox").get_by_role("link", name="Noon").first.click()
    expect(page.get_by_label("Public from: time")).to_have_value("12:00")


def test_list_is_searched_filtered_and_sorted(visit):
    page = visit(SERVICES)
    page.get_by_role("link", name="Public", exact=True).click()
    expect(page).to_have_url(re.compile(r"state=public"))
    page.locator("#searchbar").fill("IASTM")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.get_by_role("link", name="State", exact=True).click()
    expect(page).to_have_url(re.compile(r"o=2"))


def test_service_added_in_a_popup_is_chosen(visit):
    page = visit(address("services_faq", "add"))
    with page.expect_popup() as opened:
        page.get_by_title("Add another service").click()
    popup = opened.value
    popup.get_by_label("Title:", exact=True).first.type("Cupping")
    popup.get_by_role("button", name="Save", exact=True).first.click()
    chosen = page.locator("#id_service option:checked")
    expect(chosen).to_have_text("Cupping")


def test_rows_are_deleted_from_the_list(visit):
    Page.objects.create(title="Old page", slug="old-page")
    page = visit(address("pages_page", "changelist"))
    page.get_by_role("row", name="Old page").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(page.get_by_text("Successfully deleted 1 page")).to_be_visible()


def test_hours_are_typed_row_by_row(visit):
    page = visit(address("pages_clinic", "change", CLINIC_KEY))
    count = page.locator("#opening_hours-group tr.form-row:not(.empty-form)").count()
    page.get_by_role("button", name="Add another Opening hours").click()
    row = page.locator(f"#opening_hours-{count}")
    row.get_by_label("Weekday").select_option("Sunday")
    row.get_by_label("Opens").fill("08:00")
    row.get_by_label("Closes").fill("12:30")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.locator(f"#opening_hours-{count}").get_by_label("Closes")).to_have_value("12:30 p.m.")


@pytest.fixture
def pages_of_our_own(full_site, manager_client):
    """Addresses of what we add to the stock admin, with something on each: drafts, a clash, a failure, history."""
    url = address("services_service", "change", Service.objects.first().pk)
    mine, theirs = (filled(manager_client, url, title=title) for title in ("Mine", "Theirs"))
    manager_client.post(url, theirs)
    clash = manager_client.post(url, mine).headers["Location"]
    failed = manager_client.post(url, filled(manager_client, url, title="Failed", _keep="1")).headers["Location"]
    Revision.objects.filter(pk=failed.split("=")[1]).update(failed_at=timezone.now(), errors=["It was too late."])
    page = Page.objects.create(title="Gone", slug="gone", body="<p>x</p>")
    manager_client.post(address("pages_page", "delete", page.pk), {"post": "yes"})
    Page.objects.create(title="Later", slug="later", publish_at=timezone.now() + timedelta(days=1))
    add = address("pages_page", "add")
    manager_client.post(add, filled(manager_client, add, title="New", slug="new", body="<p>x</p>", _keep="1"))
    own = ["/admin/", clash, failed, url.replace("/change/", "/history/"), "/admin/pages/page/deleted/"]
    return [
        *own,
        address("pages_page", "changelist"),
        address("auth_user", "changelist"),
        address("services_faq", "add"),
        "/admin/sessions/",
        "/admin/accounts/change/",
        *(address("redirects_redirect", name) for name in ("changelist", "add", "many", "not_found")),
    ]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_pages_of_our_own_have_no_accessibility_violation(pages_of_our_own, visit, staff, width, scheme):
    staff.set_viewport_size({"width": width, "height": 900})
    staff.emulate_media(color_scheme=scheme)
    for path in pages_of_our_own:
        page = visit(path)
        page.evaluate("document.querySelectorAll('.draft-note details').forEach((part) => (part.open = true))")
        assert [text for text in violations(page) if not text.startswith(STOCK)] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_lists_and_forms_have_no_accessibility_violation(visit, staff, width, scheme):
    staff.set_viewport_size({"width": width, "height": 900})
    staff.emulate_media(color_scheme=scheme)
    service = address("services_service", "change", Service.objects.first().pk)
    for path in (SERVICES, service, ADD_PAGE, address("pages_clinic", "change", CLINIC_KEY)):
        page = visit(path)
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        assert [text for text in violations(page) if not text.startswith(STOCK)] == [], path


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_summary_of_errors_and_plan_of_redirects_have_no_accessibility_violation(visit, staff, width, scheme):
    staff.set_viewport_size({"width": width, "height": 900})
    staff.emulate_media(color_scheme=scheme)
    page = visit(address("redirects_redirect", "many"))
    for text, shown in (("", "One thing is to be corrected"), (REDIRECTS, "What will become of each line")):
        page.locator("textarea").fill(text)
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_role("heading", name=shown)).to_be_visible()
        assert [one for one in violations(page) if not one.startswith(STOCK)] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


REDIRECTS = (
    f"/a,/contact/\n/contact/,/faq/\n/{'long-' * 20},https://{'other-' * 9}clinic.example/{'x' * 90}/\n/x,/y\nnonsense"
)
