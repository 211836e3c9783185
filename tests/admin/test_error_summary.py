"""The summary of what is wrong, at the top of every form of the staff's pages."""

import re

import pytest
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from publishing.models import Revision
from services.models import Service
from tests.admin.forms import filled
from tests.admin.rows import MAKERS, address

REQUIRED = "This field is required."
SUMMARY = re.compile(r'<section class="error-summary".*?</section>', re.DOTALL)
FIRST_FIELDS = {
    "services_service": "title",
    "services_faq": "question",
    "testimonials_testimonial": "quote",
    "pages_page": "title",
    "pictures_picture": "file",
    "redirects_redirect": "old_path",
    "auth_user": "username",
    "auth_group": "name",
}


def summary(response):
    """Each line of the summary with the id that it leads to; fails where the page's own title does not tell."""
    html = response.content.decode()
    found = SUMMARY.findall(html)
    assert len(found) == 1
    assert re.search(r"<title>\s*Error: ", html)
    assert html.index("</h1>") < html.index("error-summary") < html.index("<form", html.index("</h1>"))
    assert 'tabindex="-1" autofocus' in found[0]
    assert 'role="alert"' in found[0]
    assertNotContains(response, "Please correct the error")
    lines = re.findall(r'<li>(?:<a href="#([^"]+)">)?(.*?)(?:</a>)?</li>', found[0])
    for target, _ in lines:
        assert not target or html.count(f'id="{target}"') == 1, target
    return lines


@pytest.mark.parametrize(("model", "field"), FIRST_FIELDS.items())
def test_each_form_of_something_new_leads_to_the_fields_that_are_missing(manager_client, db, model, field):
    url = address(model, "add")
    assertNotContains(manager_client.get(url), "error-summary")
    answer = manager_client.post(url, filled(manager_client, url))
    target, line = summary(answer)[0]
    assert target == f"id_{field}"
    assert line.endswith(f": {REQUIRED}")
    assert re.search(f'aria-describedby="[^"]*id_{field}_error"', answer.content.decode())


@pytest.mark.parametrize("model", [model for model in FIRST_FIELDS if model in MAKERS and model != "pictures_picture"])
def test_each_form_of_what_is_there_does_too(manager_client, full_site, model):
    url = address(model, "change", MAKERS[model](900).pk)
    field = FIRST_FIELDS[model]
    assert summary(manager_client.post(url, filled(manager_client, url, **{field: ""})))[0][0] == f"id_{field}"


def test_row_is_named_by_its_place_in_the_form(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, title="")
    last = int(data["conditions-TOTAL_FORMS"]) - 1
    data |= {"conditions-0-name": "", "conditions-0-position": "900", f"conditions-{last}-text": ""}
    answer = manager_client.post(url, data)
    assert summary(answer) == [
        ("id_title", f"Title: {REQUIRED}"),
        (f"id_conditions-{last}-text", f"Condition {last}, Text: {REQUIRED}"),
        ("id_conditions-0-name", f"Condition {last + 1}, Name: {REQUIRED}"),
    ]
    assertContains(answer, "3 things are to be corrected")
    assertContains(answer, '<details class="ordered__part" open>', count=1)
    assertContains(answer, '<details class="ordered__row" open>', count=2 + 6)  # and the empty row of each part


def test_fault_of_a_whole_part_and_of_a_hidden_field_leads_to_the_part_and_to_the_row(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url)
    data["benefits-0-id"] = str(service.pk)
    answer = manager_client.post(url, data)
    assert ("benefits-0", "Benefit 1: This row does not belong to this form.") in summary(answer)


def test_row_that_is_marked_for_deletion_is_not_to_be_corrected(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, title="")
    data |= {"benefits-0-text": "", "benefits-0-DELETE": "on"}
    assert [target for target, _ in summary(manager_client.post(url, data))] == ["id_title"]


def test_date_leads_to_its_first_field_which_names_the_error(manager_client, db):
    url = address("testimonials_testimonial", "add")
    data = filled(manager_client, url, quote="Q", name="N", publish_at_0="nonsense")
    answer = manager_client.post(url, data)
    assert [target for target, _ in summary(answer)] == ["id_publish_at_0"]
    fields = re.findall(r'<input[^>]*name="publish_at_[01]"[^>]*>', answer.content.decode())
    assert len(fields) == 2
    for field in fields:
        assert 'aria-invalid="true"' in field
        assert "id_publish_at_error" in field
    assertContains(answer, 'id="id_publish_at_error"', count=1)


def test_what_was_typed_cannot_write_into_the_summary(manager_client, db):
    url = address("services_service", "add")
    answer = manager_client.post(url, filled(manager_client, url, title="T", slug="t", drawing="<b>x</b>"))
    line = summary(answer)[0][1]
    assert "<b>" not in line
    assert escape("<b>x</b>") in line


def test_merge_conflict_leads_to_its_field_once_the_draft_is_open(manager_client, service):
    url = address("services_service", "change", service.pk)
    mine, theirs = (filled(manager_client, url, title=title) for title in ("Mine", "Theirs"))
    assert manager_client.post(url, theirs).status_code == 302
    opened = manager_client.post(url, mine).url
    assert "revision=" in opened
    answer = manager_client.get(opened)
    expected = "Title: This was changed in both places. The form shows yours: compare above, then save."
    assert summary(answer) == [("id_title", expected)]
    assertContains(answer, "Changed in both places: this form shows yours")
    assert manager_client.post(opened, filled(manager_client, opened)).status_code == 302
    assert Service.objects.get().title == "Mine"


def test_row_that_was_deleted_meanwhile_is_named(manager_client, service):
    url = address("services_service", "change", service.pk)
    mine = filled(manager_client, url, **{"benefits-0-text": "Mine"})
    theirs = filled(manager_client, url, **{"benefits-0-DELETE": "on"})
    assert manager_client.post(url, theirs).status_code == 302
    lines = summary(manager_client.get(manager_client.post(url, mine).url))
    assert len(lines) == 1
    assert "This was deleted meanwhile, and you changed it" in lines[0][1]


def test_draft_that_cannot_be_saved_leads_to_its_faults(manager_client, service):
    url = address("services_service", "change", service.pk)
    opened = manager_client.post(url, filled(manager_client, url, title="Draft", _keep="1")).url
    draft = Revision.objects.drafts().get()
    draft.data["rows"][f"/{service.pk}"]["title"] = ""
    draft.save()
    assert ("id_title", "Title: This field cannot be blank.") in summary(manager_client.get(opened))


def test_login_leads_to_what_is_missing_and_tells_of_wrong_words(client, clinic):
    url = "/admin/login/"
    lines = summary(client.post(url, {"username": "", "password": "x"}))
    assert lines == [("id_username", f"Username: {REQUIRED}")]
    lines = summary(client.post(url, {"username": "a", "password": "b"}))
    assert [target for target, _ in lines] == [""]
    assert lines[0][1].startswith("Please enter the correct username and password")


@pytest.mark.parametrize(
    ("url", "field"),
    [("/admin/password_change/", "old_password"), ("/admin/sign-in-code/", "code")],
)
def test_pages_of_ones_own_sign_in_have_it(manager_client, clinic, url, field):
    assert summary(manager_client.post(url, {field: ""}))[0][0] == f"id_{field}"


def test_form_without_javascript_is_read_from_its_top_and_has_one_summary(manager_client, db):
    url = address("pages_page", "add")
    html = manager_client.post(url, filled(manager_client, url)).content.decode()
    assert html.count('class="error-summary"') == 1
    assert html.index('class="error-summary"') < html.index('id="page_form"')
