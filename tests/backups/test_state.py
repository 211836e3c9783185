from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from pytest_django.asserts import assertContains, assertNotContains

from backups.state import State, backups_in, last_good, name_of, state_of


def ago(**span):
    return (datetime.now(UTC) - timedelta(**span)).replace(microsecond=0)


def make(folder, made_at, is_secret=False):
    folder.mkdir(exist_ok=True)
    (folder / name_of(made_at, is_secret)).touch()
    return made_at


def test_last_good_backup_is_the_newest_by_name(folder):
    assert last_good() is None
    for hours in (50, 3, 40):
        make(folder, ago(hours=hours), is_secret=hours == 3)
    (folder / "clinic-2099-99-99T000000Z.tar").touch()
    (folder / ".clinic-work-1").mkdir()
    assert last_good() == max(made_at for made_at, _ in backups_in(folder))
    assert datetime.now(UTC) - last_good() < timedelta(hours=4)


def test_time_to_come_hides_no_missing_backup(folder):
    old = make(folder, ago(days=3))
    make(folder, ago(days=-300))
    assert last_good() == old
    assert state_of(folder).is_late


def test_folder_that_cannot_be_read_is_no_traceback(folder, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    folder.mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert last_good() is None
    assert state_of(folder) == State(fault="Permission denied")
    monkeypatch.undo()
    folder.rmdir()
    folder.touch()
    assert state_of(folder).fault == "Not a directory"


def test_home_says_when_the_last_one_was_and_warns_after_a_day(manager_client, clinic, folder, settings):
    assertContains(manager_client.get("/admin/"), "There is no backup yet:")
    assertContains(manager_client.get("/admin/"), "home__backup--late")
    make(folder, ago(days=2))
    assertContains(manager_client.get("/admin/"), "more than a day ago.</strong> Ask whoever")
    make(folder, ago(hours=20))
    answer = manager_client.get("/admin/")
    assertContains(answer, "The last good backup is of ")
    assertNotContains(answer, "home__backup--late")
    settings.BACKUP_COPY_DIR = folder.parent / "second"
    assertContains(manager_client.get("/admin/"), "There is no second copy of a backup yet:")
    make(settings.BACKUP_COPY_DIR, ago(hours=20))
    assertNotContains(manager_client.get("/admin/"), "home__backup--late")


def test_home_tells_of_a_folder_that_cannot_be_read(manager_client, clinic, folder):
    folder.touch()
    assertContains(manager_client.get("/admin/"), "cannot be read</strong> (Not a directory).")


@pytest.mark.parametrize(("role", "is_told"), [("Manager", True), ("Publisher", False), ("Contributor", False)])
def test_only_who_can_act_is_told(client, clinic, folder, django_user_model, role, is_told):
    user = django_user_model.objects.create_user("someone", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    assert (b"home__backup" in client.get("/admin/").content) is is_told
