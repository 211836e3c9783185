"""A rule of cleaning that is younger than a row, a version or a draft is nobody's change, and no conflict."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.utils import timezone

from pages.models import CLINIC_KEY, Clinic
from publishing.models import LONGEST_TEXT, Revision
from publishing.revisions.merge import merge
from publishing.revisions.release import release_due
from publishing.revisions.rights import goes_beyond
from publishing.revisions.snapshot import take
from services.models import Benefit, Service
from tests.admin.forms import errors, filled
from tests.admin.rows import address
from tests.publishing.test_snapshot import edited
from tests.publishing.test_ways_in import own

OLDER = "\u200b Warm\u00a0hands \r\n\r\n\r\nCalm\u00ad "
NOW = "Warm hands\n\nCalm"


@pytest.fixture
def taping(db):
    taping = Service.objects.create(title="Taping", slug="taping", publish_at="2026-01-01T00:00Z")
    Benefit.objects.create(service=taping, text="A")
    Benefit.objects.update(text="•\u00a0Warm\u00a0hands")
    Service.objects.update(lead=OLDER)  # as before there was a rule
    return taping


@pytest.fixture
def url(taping):
    return address("services_service", "change", taping.pk)


def test_open_draft_of_an_uncleaned_row_has_no_conflict_once_others_saved_it(manager_client, url):
    place = manager_client.post(url, filled(manager_client, url, lead=f"{NOW}!", _keep="1")).url
    assert manager_client.post(url, filled(manager_client, url, title="Tape")).status_code == 302
    assert Service.objects.get().lead == NOW
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert (Service.objects.get().title, Service.objects.get().lead) == ("Tape", f"{NOW}!")


def test_draft_of_an_uncleaned_row_that_changes_nothing_of_it_gets_what_others_wrote(manager_client, url):
    place = manager_client.post(url, filled(manager_client, url, title="Tape", _keep="1")).url
    manager_client.post(url, filled(manager_client, url, lead="New"))
    assert manager_client.post(place, filled(manager_client, place)).status_code == 302
    assert (Service.objects.get().title, Service.objects.get().lead) == ("Tape", "New")


def test_dated_draft_of_an_uncleaned_row_goes_live_once_others_saved_it(manager_client, url, time_machine):
    moment = timezone.localtime(timezone.now() + timedelta(hours=2))
    dated = {"_keep": "1", "apply_at": f"{moment:%Y-%m-%dT%H:%M}"}
    manager_client.post(url, filled(manager_client, url, lead=f"{NOW}!", **dated))
    Revision.objects.drafts().update(
        data=own(Revision.objects.drafts().get().data, lead=f"{OLDER}!")
    )  # of an older release
    manager_client.post(url, filled(manager_client, url, title="Tape"))
    time_machine.move_to(moment)
    assert release_due() == 1
    assert (Service.objects.get().title, Service.objects.get().lead) == ("Tape", f"{NOW} !")


def test_real_change_on_both_sides_still_conflicts_and_tells_the_texts_as_they_are(taping):
    base = take(taping)
    _, (conflict,) = merge(base, own(base, lead="Theirs"), own(base, lead="Mine"))
    assert (conflict.base, conflict.theirs, conflict.mine) == (OLDER, "Theirs", "Mine")


def test_row_that_was_cleaned_alone_may_be_deleted_by_the_other_side(taping):
    base = take(taping)
    kept = {key: row for key, row in base["rows"].items() if not key.startswith("benefits/")}
    theirs, mine = edited(base, "benefits", 0, text="Warm hands"), base | {"rows": kept}
    for sides in ((theirs, mine), (mine, theirs)):
        merged, conflicts = merge(base, *sides)
        assert conflicts == []
        assert set(merged["rows"]) == set(kept)


def test_number_of_an_older_snapshot_is_the_number_that_it_is_now(clinic):
    base = take(Clinic.objects.get())
    older = own(base, phone="+19732411338")
    _, conflicts = merge(older, own(base, phone="(973) 241-1338"), own(base, phone="(973) 555-0123"))
    assert conflicts == []


def test_draft_that_cleans_what_someone_may_not_change_does_not_go_beyond_their_rights(clinic, django_user_model):
    front_desk = django_user_model.objects.create_user("desk")
    front_desk.user_permissions.add(Permission.objects.get(codename="attend_clinic"))
    Clinic.objects.update(headline="Move\u00a0again.")
    before = take(Clinic.objects.get(pk=CLINIC_KEY))
    assert not goes_beyond(front_desk, own(before, headline="Move again."), before)
    assert goes_beyond(front_desk, own(before, headline="Move on."), before)


def test_text_that_is_too_long_and_stored_uncleaned_may_stay(taping, manager_client, url):
    Service.objects.update(lead="x\u00ad" * (LONGEST_TEXT + 1))
    taping.refresh_from_db()
    taping.full_clean()
    assert manager_client.post(url, filled(manager_client, url, title="Tape")).status_code == 302
    taping.lead = "y" * (LONGEST_TEXT + 1)
    with pytest.raises(ValidationError, match="1 too many"):
        taping.full_clean()
    assert list(errors(manager_client.post(url, filled(manager_client, url, lead="x" * (LONGEST_TEXT + 2)))))
