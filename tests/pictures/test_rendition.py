from contextlib import closing

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from pictures.models import Picture
from tests.pictures.images import quarters, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture():
    return Picture.objects.create(file=upload(quarters()), alt="Two hands")


@pytest.mark.parametrize("form", ["avif", "webp"])
def test_file_is_served_for_ever_and_as_nothing_but_an_image(client, picture, django_assert_num_queries, form):
    address = picture.file.srcset(form).split()[0]
    with django_assert_num_queries(0):
        answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"image/{form}"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert int(answer.headers["Content-Length"]) == len(b"".join(answer))
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies


def test_file_is_only_read(picture):
    client = Client(enforce_csrf_checks=True)
    with closing(client.head(picture.file.url)) as answer:
        assert answer.status_code == 200
    for method in (client.post, client.put, client.delete):
        assert method(picture.file.url).status_code == 405


def test_file_that_is_not_there_is_not_found(client, picture):
    picture.file.storage.delete(picture.file.name)
    assert client.get(picture.file.url).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "",
        "letter.html",
        "../site.sqlite3",
        "..%2fsite.sqlite3",
        "pictures/",
        *(f"{'a' * 32}-{end}" for end in ("0.webp", "40.html", "40.webp/", "40.webp%00", "40.webp%0a")),
        f"{'A' * 32}-40.webp",
    ],
)
def test_only_names_that_the_site_itself_gives_are_looked_for(client, media, name):
    media.mkdir()
    (media / "letter.html").write_text("<script>")
    assert client.get(f"/media/{name}").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("rendition", args=[name])
