"""What the server does for the script that gives back what was typed: it says what is saved, and shows a form anew."""

import pytest
from django.urls import reverse

from services.models import Benefit, Service
from tests.admin.forms import filled
from tests.admin.rows import MAKERS, address, recorded

SAID = "typed-k1"


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


@pytest.mark.parametrize(
    ("sent", "is_saved"),
    [
        ({}, True),
        ({"_continue": "1"}, True),
        ({"_keep": "1"}, True),
        ({"_keep": "1", "apply_at": "2020-01-01T00:00"}, True),
        ({"_preview": "1"}, False),
        ({"title": ""}, False),
        ({"_keep": "1", "title": ""}, False),
    ],
)
def test_key_comes_back_only_with_what_was_saved(manager_client, url, sent, is_saved):
    data = filled(manager_client, url) | {"typed_key": "k1"} | sent
    assert (SAID in manager_client.post(url, data, follow=True).content.decode()) == is_saved


def test_key_comes_back_with_a_discarded_draft(manager_client, url):
    place = manager_client.post(url, filled(manager_client, url) | {"_keep": "1"}).headers["Location"]
    answer = manager_client.post(place, {"_discard": "1", "typed_key": "k1"}, follow=True)
    assert SAID in answer.content.decode()


def test_key_of_what_was_deleted_meanwhile_does_not_come_back(manager_client, db):
    picture = MAKERS["pictures_picture"](1)
    place = address("pictures_picture", "change", picture.pk)
    data = filled(manager_client, place) | {"typed_key": "k1"}
    Service.objects.update(picture=None)
    picture.delete()
    text = manager_client.post(place, data, follow=True).content.decode()
    assert "Perhaps it was deleted?" in text
    assert SAID not in text


def test_key_that_the_script_did_not_make_is_ignored(manager_client, url):
    data = filled(manager_client, url) | {"typed_key": "k1 success' x"}
    assert SAID not in manager_client.post(url, data, follow=True).content.decode()


def test_form_is_shown_as_of_the_version_from_which_editing_began(manager_client, service, url):
    began = filled(manager_client, url, csrfmiddlewaretoken="")
    Service.objects.update(lead="Theirs.")
    Benefit.objects.filter(service=service).first().delete()
    assert filled(manager_client, url)["lead"] == "Theirs."
    place = f"{url}?base_version={began['base_version']}"
    shown = filled(manager_client, place, csrfmiddlewaretoken="")
    assert shown["base_version"] == began["base_version"]
    assert shown["lead"] == "Theirs."  # nothing was saved in between: nobody knows any more what it was
    answer = manager_client.post(url, shown | {"lead": "Mine."}, follow=True)
    assert "changed meanwhile, not by staff. Compare, then save again." in answer.content.decode()
    service.refresh_from_db()
    assert service.lead == "Theirs."


def test_form_is_shown_as_of_the_recorded_version_from_which_editing_began(manager_client, service, url):
    recorded(service)
    began = filled(manager_client, url, csrfmiddlewaretoken="")
    Service.objects.update(lead="Theirs.")
    Benefit.objects.filter(service=service).first().delete()
    assert filled(manager_client, url)["lead"] == "Theirs."
    place = f"{url}?base_version={began['base_version']}"
    assert filled(manager_client, place, csrfmiddlewaretoken="") == began
    service.refresh_from_db()
    assert service.lead == "Theirs."


def test_version_of_another_object_is_not_found(manager_client, url, service):
    other = Service.objects.create(title="Other", slug="other")
    place = reverse("admin:services_service_change", args=[other.pk])
    for number in (recorded(other).pk, "x", "0"):
        assert manager_client.get(url, {"base_version": number}).status_code == 404
    theirs = filled(manager_client, place)["base_version"]
    assert filled(manager_client, f"{url}?base_version={theirs}")["title"] == service.title


@pytest.mark.parametrize("model", MAKERS)
def test_script_is_on_the_forms_of_content_alone(manager_client, clinic, model):
    is_content = model.split("_")[0] in ("services", "testimonials", "pages", "pictures")
    for place in (address(model, "add"), address(model, "change", MAKERS[model](1).pk)):
        text = manager_client.get(place).content.decode()
        assert ("recover.js" in text, "typed_key" in text) == (is_content, is_content), place
    assert "typed_key" not in manager_client.get(address(model, "add"), {"_popup": "1"}).content.decode()
