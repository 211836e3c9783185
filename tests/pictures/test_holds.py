import time

import pytest
from django.core.files.storage import default_storage

from pictures import holds
from pictures.holds import are_files_kept, files_kept
from tests.everywhere.walk import picture
from tests.pictures.images import quarters

pytestmark = pytest.mark.django_db(transaction=True)


def test_files_stay_as_long_as_anybody_keeps_them(media):
    first, second = picture(quarters(30, 30)), picture(quarters(40, 40))
    with files_kept():
        with files_kept():
            first.delete()
        assert are_files_kept()
        assert len(list((media / "pictures").iterdir())) == 4
    assert not are_files_kept()
    second.delete()
    assert len(list((media / "pictures").iterdir())) == 2


def test_note_of_a_killed_process_ends_by_itself_and_is_swept_up(media, monkeypatch):
    held = files_kept()
    held.__enter__()
    assert are_files_kept()
    later = time.time() + holds.LONGEST + 1
    monkeypatch.setattr(holds, "time", lambda: later)
    assert not are_files_kept()
    with files_kept():
        assert len(default_storage.listdir(holds.FOLDER)[1]) == 1


def test_files_that_are_no_notes_keep_nothing(media):
    (media / holds.FOLDER).mkdir(parents=True)
    for name in ("note", "-", ".DS_Store", "²-a"):
        (media / holds.FOLDER / name).touch()
    assert not are_files_kept()


def test_file_that_is_let_go_while_unused_ones_are_looked_for_stays(media, monkeypatch):
    """The note comes after that look: the copy may name what the look no longer found."""
    shown = picture(quarters(30, 30))
    from pictures import models

    monkeypatch.setattr(models, "are_files_kept", lambda: True)
    shown.delete()
    assert len(list((media / "pictures").iterdir())) == 2
