import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import violations


@pytest.fixture
def form(live_server, page, context, manager, service):
    """The form of the service, open in a browser that tells of every breach of the policy."""
    context.add_init_script("addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.blockedURI))")
    page.goto(f"{live_server.url}/admin/services/service/{service.pk}/change/")
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Log in").click()
    return page


def test_preview_opens_beside_the_form_in_both_widths(form, context, service):
    heard: list[str] = []
    context.on("console", lambda message: heard.append(message.text))
    form.get_by_label("Title:", exact=True).fill("Typed just now")
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview").first.click()
    preview = opened.value
    frame = preview.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Typed just now")
    expect(frame.locator("body")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    preview.get_by_label("Phone").check()
    assert preview.evaluate("document.querySelector('iframe').contentWindow.innerWidth") == 390
    assert violations(preview) == []
    assert heard == []
    expect(form.get_by_label("Title:", exact=True)).to_have_value("Typed just now")
    service.refresh_from_db()
    assert service.title == "Muscle scraping therapy"


def test_draft_is_kept_shown_and_published_as_staff_would(form, context, live_server, browser, service):
    form.get_by_label("Title:", exact=True).fill("A draft")
    form.get_by_role("button", name="Keep as draft").first.click()
    expect(form.get_by_text("Kept as a draft. What patients see is unchanged.")).to_be_visible()
    link = form.get_by_role("link", name="link to this draft").get_attribute("href")
    stranger = browser.new_context()
    visitor = stranger.new_page()
    visitor.goto(live_server.url + link)
    expect(visitor.frame_locator("iframe").get_by_role("heading", level=1)).to_have_text("A draft")
    assert violations(visitor) == []
    visitor.goto(live_server.url + service.get_absolute_url())
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Muscle scraping therapy")
    form.get_by_role("button", name="Save", exact=True).first.click()
    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("A draft")
    stranger.close()


def test_links_in_the_preview_lead_to_its_parts_and_other_pages_open_beside_it(form, context, live_server):
    heard: list[str] = []
    context.on("console", lambda message: heard.append(message.text))
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview").first.click()
    preview = opened.value
    frame = preview.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    expect(frame.locator("#questions")).not_to_be_in_viewport()
    frame.locator("a[href$='#questions']").first.click()
    expect(frame.locator("#questions")).to_be_in_viewport()
    with context.expect_page() as other:
        frame.get_by_role("link", name="Contact", exact=True).first.click()
    expect(other.value).to_have_url(f"{live_server.url}/contact/")
    expect(frame.get_by_role("heading", level=1)).to_be_visible()
    assert heard == []
