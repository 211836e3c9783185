import re

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from pages.models import Page
from pictures import fields, files
from pictures.models import Picture
from services.models import Service
from tests.admin.forms import errors, filled
from tests.admin.rows import address
from tests.everywhere.walk import SERVICE
from tests.pictures.images import BAD_FILES, camera_photo, quarters, upload

ADD = address("pictures_picture", "add")
LIST = address("pictures_picture", "changelist")
AGAIN = "Choose the file again: browsers do not keep it while something else is corrected."


@pytest.fixture
def picture(db):
    return Picture.objects.create(file=upload(quarters()), alt="Two hands")


@pytest.fixture
def used(picture):
    """A picture that a service and a page show."""
    Service.objects.create(title="Massage", slug="massage", picture=picture)
    Page.objects.create(title="Parking", slug="parking", picture=picture)
    return picture


def kept(media):
    return [path for path in media.rglob("*") if path.is_file()]


def test_picture_is_added(manager_client, media):
    data = filled(manager_client, ADD, alt="Two hands", credit="A. Friend", file=upload(camera_photo()))
    assertRedirects(manager_client.post(ADD, data), LIST)
    picture = Picture.objects.get()
    assert (picture.alt, picture.credit, picture.width, picture.height) == ("Two hands", "A. Friend", 40, 20)
    assert len(kept(media)) == 2


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_is_refused_beside_the_field_and_nothing_is_kept(manager_client, media, name):
    content, reason = BAD_FILES[name]
    response = manager_client.post(ADD, {"alt": "Typed with care", "file": upload(content)})
    told = errors(response)
    assert list(told) == ["file"]
    assert len(told["file"]) == 1
    assert reason in told["file"][0]
    assertContains(response, "Typed with care")
    assert kept(media) == []
    assert not Picture.objects.exists()


def test_file_is_needed(manager_client, db):
    assert errors(manager_client.post(ADD, {"alt": "Two hands"})) == {"file": ["This field is required."]}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Describe the picture, or tick “only decoration”, but not both."),
        ({"alt": "Two hands", "is_decorative": "on"}, "Describe the picture, or tick “only decoration”, but not both."),
        (
            {"alt": "IMG_0001.jpg"},
            "This is the name of a file. Say what the picture shows, as you would on the telephone.",
        ),
        (
            {"alt": "x" * 251},
            "This text has 251 characters, 1 too many. At most 250 fit here: shorten it, or divide it.",
        ),
    ],
)
def test_mistake_elsewhere_keeps_what_was_typed_and_asks_for_the_file_again(manager_client, media, typed, message):
    response = manager_client.post(ADD, {"credit": "Typed with care", "file": upload(quarters())} | typed)
    assert errors(response) == {"alt": [message], "file": [AGAIN]}
    assertContains(response, "Typed with care")
    assertContains(response, typed.get("alt", ""))
    assert kept(media) == []


def test_mistake_while_replacing_shows_the_form_again_and_keeps_the_old_files(manager_client, picture, media):
    url = address("pictures_picture", "change", picture.pk)
    before = kept(media)
    response = manager_client.post(url, {"alt": "", "file": upload(Image.new("RGB", (50, 50)))})
    assert errors(response)["file"] == [AGAIN]
    assert kept(media) == before


def test_description_changes_without_a_new_file(manager_client, picture, media):
    url = address("pictures_picture", "change", picture.pk)
    before = kept(media)
    data = filled(manager_client, url, alt="Two other hands")
    del data["file"]
    assertRedirects(manager_client.post(url, data), LIST)
    picture.refresh_from_db()
    assert picture.alt == "Two other hands"
    assert kept(media) == before


def test_replacing_removes_the_old_files(manager_client, picture, media, django_capture_on_commit_callbacks):
    url = address("pictures_picture", "change", picture.pk)
    before = kept(media)
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(url, filled(manager_client, url, file=upload(Image.new("RGB", (50, 50)))))
    assert not set(kept(media)) & set(before)
    assert len(kept(media)) == 2


def test_list_shows_the_picture_its_words_its_size_and_where_it_is_used(manager_client, used):
    response = manager_client.get(LIST)
    preview = (
        f'<img class="preview" src="{used.file.preview_url}" alt="Two hands" width="40" height="20" loading="lazy">'
    )
    assertContains(response, preview, html=True)
    for words in ("40 × 20", ">Two hands</a>", ">Massage</a>", ">Parking</a>"):
        assertContains(response, words)


def test_form_shows_where_the_picture_is_used(manager_client, used):
    response = manager_client.get(address("pictures_picture", "change", used.pk))
    for user in (used.services.get(), used.pages.get()):
        link = f'<a href="{address(user._meta.label_lower.replace(".", "_"), "change", user.pk)}">{user}</a>'
        assertContains(response, link, html=True)


def test_form_of_an_unused_picture_says_so(manager_client, picture):
    assertContains(manager_client.get(address("pictures_picture", "change", picture.pk)), "Nothing yet")
    assertContains(manager_client.get(ADD), "Shown once it is saved")


def test_filters_find_decoration_and_missing_releases(manager_client, picture):
    noted = Picture.objects.create(file=upload(quarters()), alt="", is_decorative=True, release_noted_at=timezone.now())
    for query, found in (({"is_decorative__exact": "1"}, noted), ({"release_noted_at__isempty": "1"}, picture)):
        assert list(manager_client.get(LIST, query).context["cl"].result_list) == [found]


@pytest.mark.parametrize("way", ["form", "list"])
@pytest.mark.parametrize("confirmed", [{}, {"post": "yes"}])
def test_picture_in_use_is_not_deleted_and_the_page_says_where_it_is(manager_client, used, media, way, confirmed):
    url = address("pictures_picture", "delete", used.pk)
    if way == "list":
        url, confirmed = LIST, confirmed | {"action": "delete_selected", "_selected_action": str(used.pk)}
    response = manager_client.post(url, confirmed)
    assertContains(response, "Nothing was deleted, because this is in use.")
    for user in (used.services.get(), used.pages.get()):
        assertContains(response, address(user._meta.label_lower.replace(".", "_"), "change", user.pk))
    assertNotContains(response, "I’m sure")
    assert Picture.objects.exists()
    assert len(kept(media)) == 2


def test_unused_picture_is_deleted_with_its_files(manager_client, picture, media, django_capture_on_commit_callbacks):
    url = address("pictures_picture", "delete", picture.pk)
    assertContains(manager_client.get(url), "I’m sure")
    with django_capture_on_commit_callbacks(execute=True):
        assertRedirects(manager_client.post(url, {"post": "yes"}), LIST)
    assert kept(media) == []


def test_unused_pictures_are_deleted_from_the_list(manager_client, picture, django_capture_on_commit_callbacks, media):
    data = {"action": "delete_selected", "_selected_action": str(picture.pk), "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        assertRedirects(manager_client.post(LIST, data), LIST)
    assert kept(media) == []


def test_service_shows_the_picture_chosen_for_it(manager_client, service, picture, client):
    url = address("services_service", "change", service.pk)
    assertRedirects(
        manager_client.post(url, filled(manager_client, url, picture=str(picture.pk))),
        address("services_service", "changelist"),
    )
    assertContains(client.get(SERVICE), picture.file.url)


def test_popup_hands_the_new_picture_to_the_form_that_asked(manager_client, db):
    data = {"alt": "Two hands", "file": upload(quarters()), "_popup": "1", "_to_field": "id"}
    response = manager_client.post(f"{ADD}?_popup=1&_to_field=id", data)
    assertContains(response, Picture.objects.get().pk)
    assertContains(response, "Two hands")


def test_upload_far_too_large_is_cut_and_refused(manager_client, media):
    response = manager_client.post(ADD, {"alt": "Two hands", "file": upload(bytes(30_000_000))})
    assert re.search(r"larger than 15 MB", errors(response)["file"][0])


@pytest.mark.django_db(transaction=True)
def test_others_can_save_while_a_picture_is_encoded(manager_client, monkeypatch):
    """In a transaction SQLite would make everybody else wait for the seconds that large pictures take."""
    in_transaction = []

    def write(image, key):
        in_transaction.append(connection.in_atomic_block)
        return files.write(image, key)

    monkeypatch.setattr(fields, "write", write)
    response = manager_client.post(ADD, {"file": upload(quarters()), "alt": "Four colours"})
    assert response.status_code == 302
    assert in_transaction == [False]
