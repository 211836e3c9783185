"""Pictures that go back to where the site looks for them."""

import pytest
from django.core.files.storage import InMemoryStorage

from backups import restoring
from backups.restoring import media_in_place


@pytest.fixture
def restored(tmp_path):
    """A folder as it is unpacked from an archive, with two pictures."""
    folder = tmp_path / "restored" / "media"
    (folder / "pictures").mkdir(parents=True)
    for name in "ab":
        (folder / "pictures" / f"{name}.webp").write_bytes(name.encode())
    return folder


def names(folder):
    return sorted(path.name for path in folder.rglob("*.webp"))


@pytest.mark.parametrize("is_there", [True, False])
def test_pictures_are_in_place_before_the_database_and_stay(restored, media, is_there):
    if is_there:
        (media / "pictures").mkdir(parents=True)
    with media_in_place(restored):
        assert names(media) == ["a.webp", "b.webp"]
    assert names(media) == ["a.webp", "b.webp"]


def test_pictures_are_taken_away_again_when_the_database_cannot_be_loaded(restored, media):
    with pytest.raises(ConnectionError), media_in_place(restored):
        raise ConnectionError
    assert names(media) == []
    assert not [*media.iterdir()]


def test_backup_without_pictures_needs_no_folder(tmp_path, media):
    with media_in_place(tmp_path / "none"):
        pass
    assert names(media) == []


def test_store_elsewhere_gets_what_it_lacks(restored, monkeypatch):
    store = InMemoryStorage()
    monkeypatch.setattr(restoring, "default_storage", store)
    monkeypatch.setattr(restoring, "media_folder", lambda: None)
    with (restored / "pictures" / "a.webp").open("rb") as file:
        store.save("pictures/a.webp", file)
    for _ in range(2):
        with media_in_place(restored):
            pass
    assert sorted(store.listdir("pictures")[1]) == ["a.webp", "b.webp"]
    with store.open("pictures/b.webp") as file:
        assert file.read() == b"b"
