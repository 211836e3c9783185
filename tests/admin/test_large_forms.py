"""The largest form that the content permits is taken; one of a stranger is not even read."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils import timezone

from publishing.staff.forms import MOST_ROWS
from services.models import FAQ, Service
from tests.admin.forms import add_row, filled
from tests.admin.rows import address

LOGIN = "/admin/login/"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("count", [160, 400])
def test_service_with_many_questions_is_saved(manager_client, clinic, count):
    service = Service.objects.create(title="Many", slug="many", publish_at=timezone.now())
    FAQ.objects.bulk_create(FAQ(service=service, question=f"Q{n}?", answer="A", position=n) for n in range(count))
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, lead="New.", **{f"questions-{count - 1}-answer": "Last."})
    add_row(data, "questions", question="One more?", answer="Yes.")
    assert manager_client.post(url, data).status_code == 302
    assert Service.objects.get(pk=service.pk).lead == "New."
    assert [one.answer for one in service.questions.all()][-2:] == ["Last.", "Yes."]
    assert service.questions.count() == count + 1


def fields_of(form):
    """How many fields a form sends at most."""
    return sum(len([*getattr(field, "choices", [])]) + 2 for field in form.base_fields.values())


def test_bound_fits_the_largest_form_that_there_is(rf, manager):
    request = rf.get("/")
    request.user = manager
    for model_admin in admin.site._registry.values():
        count = fields_of(model_admin.get_form(request))
        for inline in model_admin.get_inline_instances(request):
            formset = inline.get_formset(request)
            assert formset.max_num == MOST_ROWS
            count += MOST_ROWS * (fields_of(formset.form) + 3)  # its key, its whole and whether to delete it
        assert count <= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, model_admin


def test_what_goes_beyond_is_refused_of_staff_too(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    with pytest.raises(TooManyFieldsSent):
        QueryDict("a&b&c&d")


def multipart(count):
    return b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(count)) + b"--x--"


@pytest.mark.parametrize("url", [LOGIN, "/admin/services/service/add/", "/"])
@pytest.mark.parametrize(
    ("kind", "body"), [(URLENCODED, b"&".join([b"a=1"] * 1001)), ("multipart/form-data; boundary=x", multipart(1001))]
)
def test_stranger_with_1001_fields_is_refused_before_they_are_read(client, clinic, caplog, url, kind, body):
    answer = client.post(url, body, content_type=kind)
    assert answer.status_code == 400
    assert b'<html lang="en-US">' in answer.content
    assert not caplog.records


def test_stranger_may_log_in(client, manager):
    data = {"username": "manager", "password": "correct horse battery staple", "next": "/admin/"}
    assert client.post(LOGIN, data | {f"x{n}": "1" for n in range(900)}).status_code == 302


def test_session_that_is_over_is_a_strangers(manager_client, clinic):
    body = "&".join(["a=1"] * 1001)
    assert manager_client.post(LOGIN, body, content_type=URLENCODED).status_code != 400
    manager_client.logout()
    assert manager_client.post(LOGIN, body, content_type=URLENCODED).status_code == 400
