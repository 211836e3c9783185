"""Whichever way a text comes in, what is stored is what one pass of cleaning makes of it."""

import json

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publishing.models import LONGEST_TEXT, Revision
from publishing.revisions.merge import merge
from publishing.revisions.snapshot import take
from publishing.revisions.whole import load
from publishing.text import cleaned, in_one_line, one_a_line
from services.models import Benefit, Service
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import address
from tests.publishing.test_snapshot import edited

TYPED = "\u200b\uf0b7\tBlood\u00a0flow\u00ad\r\n\r\n\r\n\u2028– x \r\no y"
FEW = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def own(snapshot, **fields):
    key = f"/{snapshot['pk']}"
    return snapshot | {"rows": snapshot["rows"] | {key: snapshot["rows"][key] | fields}}


@pytest.fixture
def taping(db):
    return Service.objects.create(title="Taping", slug="taping", publish_at="2026-01-01T00:00Z")


@pytest.fixture
def url(taping):
    return address("services_service", "change", taping.pk)


def stored():
    taping = Service.objects.get()
    return taping.lead, taping.summary, taping.how_points


RIGHT = (cleaned(TYPED), in_one_line(TYPED), one_a_line(TYPED))
FIELDS = ("lead", "summary", "how_points")
ALL = dict.fromkeys(FIELDS, TYPED)


def test_the_table_makes_of_it_what_staff_mean():
    assert RIGHT == ("• Blood flow\n\n– x\no y", "• Blood flow – x o y", "Blood flow\nx\ny")


def test_form_cleans(manager_client, url):
    assert manager_client.post(url, filled(manager_client, url, **ALL)).status_code == 302
    assert stored() == RIGHT


def test_draft_cleans_and_is_published_so(manager_client, url):
    place = manager_client.post(url, filled(manager_client, url, **ALL, _keep="1")).url
    data = Revision.objects.drafts().get().data
    assert tuple(data["rows"][f"/{data['pk']}"][name] for name in FIELDS) == RIGHT
    manager_client.post(place, filled(manager_client, place))
    assert stored() == RIGHT


def test_draft_of_an_older_release_is_cleaned_when_it_goes_live(taping, manager_client):
    with transaction.atomic():
        load(own(take(taping), **ALL))
    assert stored() == RIGHT


def test_merge_cleans(taping):
    base = take(taping)
    both, conflicts = merge(base, own(base, lead=TYPED), own(base, summary=TYPED, how_points=TYPED))
    with transaction.atomic():
        load(both)
    assert (stored(), conflicts) == (RIGHT, [])


def test_restored_version_is_cleaned(taping, manager_client, url):
    Service.objects.update(**ALL)  # as before there was a rule
    manager_client.post(url, filled(manager_client, url, title="Newer"))
    older = Revision.objects.versions().last()
    place = f"{url}?revision={older.pk}"
    manager_client.post(place, filled(manager_client, place))
    assert stored() == RIGHT


def test_shell_and_fixture_clean(taping, tmp_path):
    for name, text in ALL.items():
        setattr(taping, name, text)
    taping.save()
    assert stored() == RIGHT
    fixture = tmp_path / "taping.json"
    call_command("dumpdata", "services.service", output=str(fixture))
    rows = json.loads(fixture.read_text())
    rows[0]["fields"] |= ALL
    fixture.write_text(json.dumps(rows))
    call_command("loaddata", str(fixture), verbosity=0)
    assert stored() == RIGHT


def test_text_of_nothing_that_is_seen_is_empty_and_refused_where_it_is_needed(manager_client, url):
    nothing = "\u200b\u00ad \u2060"
    refused = manager_client.post(url, filled(manager_client, url, title=nothing, alternative_names=nothing))
    assert errors(refused) == {"title": ["This field is required."]}
    manager_client.post(url, filled(manager_client, url, alternative_names="\u200b\nGraston\n\u00a0"))
    assert Service.objects.get().alternative_names == "Graston"


def test_unchanged_text_from_before_the_rule_is_no_change_of_its_row(taping, manager_client, url):
    Benefit.objects.create(service=taping, text="A")
    Benefit.objects.update(text="• A\nB")
    assert manager_client.post(url, filled(manager_client, url, title="Renamed")).status_code == 302
    assert Benefit.objects.get().text == "• A\nB"


@pytest.mark.parametrize("button", [{}, {"_keep": "1"}])
def test_too_long_text_is_told_with_its_count_and_kept_whole(manager_client, url, button):
    data = filled(manager_client, url, summary="x" * 236, **button)
    row = add_row(data, "questions", question="y" * 210, answer="So.")
    refused = manager_client.post(url, data)
    assert errors(refused) == {
        "summary": [
            "This text has 236 characters, 36 too many. At most 200 fit here: shorten it, or divide it.",
        ],
        f"{row}-question": [
            "This text has 210 characters, 10 too many. At most 200 fit here: shorten it, or divide it.",
        ],
    }
    assert "x" * 236 in refused.content.decode()
    assert "y" * 210 in refused.content.decode()


def test_what_is_not_seen_is_not_counted(manager_client, url):
    assert manager_client.post(url, filled(manager_client, url, summary="x\u00ad" * 200)).status_code == 302
    assert Service.objects.get().summary == "x" * 200


def test_lines_in_one_benefit_are_refused_beside_it_and_kept(manager_client, url):
    data = filled(manager_client, url)
    row = add_row(data, "benefits", text="•\tOne\n•\tTwo")
    refused = manager_client.post(url, data)
    assert list(errors(refused)) == [f"{row}-text"]
    assert "These are 2 lines" in errors(refused)[f"{row}-text"][0]
    assert "•\tOne\n•\tTwo" in refused.content.decode()


@FEW
@given(text=st.text(min_size=1))
def test_any_text_comes_out_of_form_draft_merge_and_restore_as_one_cleaning_makes_it(manager, text):
    from django.test import Client

    with transaction.atomic():
        client = Client()
        client.force_login(manager)
        taping = Service.objects.create(title="Taping", slug="taping")
        url = address("services_service", "change", taping.pk)
        place = client.post(url, filled(client, url, lead=text, _keep="1")).url
        client.post(place, filled(client, place))
        assert Service.objects.get().lead == cleaned(text)[:LONGEST_TEXT]
        live = take(Service.objects.get())
        load(merge(live, own(live, what_it_is=text), own(live, precautions=text))[0])
        load(own(live, what_it_is=text, precautions=text))
        once = Service.objects.get()
        assert (once.lead, once.what_it_is, once.precautions) == (cleaned(text),) * 3
        transaction.set_rollback(True)


def test_edited_row_of_a_part_is_cleaned(taping):
    Benefit.objects.create(service=taping, text="A")
    with transaction.atomic():
        load(edited(take(taping), "benefits", 0, text="\uf0b7\tWarm\u00a0hands"))
    assert Benefit.objects.get().text == "Warm hands"
