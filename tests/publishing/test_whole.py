"""A whole in memory: what differs from what is stored, what is wrong with it, and what `load` saves of it."""

from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from pages.models import Clinic, HoursException, OpeningHours
from publishing.revisions.snapshot import take
from publishing.revisions.whole import Whole, load, moved_away
from services.models import FAQ, Benefit, Condition, Service
from tests.pagecache.test_triggers import version
from tests.publishing.test_snapshot import edited, without

DAY_TAKEN = "This day is already in the list."
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def before(service):
    return take(service)


def whole_of(snapshot, live):
    return Whole.of(snapshot, live["rows"])


def keys_of(snapshot, part):
    return [key for key in snapshot["rows"] if key.split("/")[0] == part]


def texts(whole):
    return [str(fault) for fault in whole.faults()]


def test_whole_of_what_is_live_has_no_changes(before):
    whole = whole_of(before, before)
    assert whole.changed == {}
    assert whole.faults() == []


def test_changed_are_only_the_rows_that_differ_or_are_new(before):
    key = keys_of(before, "benefits")[0]
    now = edited(edited(before, title="New"), "benefits", 0, text="New")
    now["rows"][f"questions/{NOWHERE}"] = {"question": "Q", "answer": "A", "position": 9}
    whole = whole_of(now, before)
    assert set(whole.changed) == {f"/{before['pk']}", key, f"questions/{NOWHERE}"}
    assert whole.changed[key].text == "New"


def test_fault_of_an_unchanged_row_is_not_reported(service):
    Benefit.objects.filter(pk=service.benefits.first().pk).update(text="")
    Service.objects.update(minutes_from=30, minutes_to=30, session_length_text="Not long.")
    live = take(service)
    assert texts(whole_of(live, live)) == []
    assert texts(whole_of(edited(live, "questions", 0, answer="So."), live)) == []
    (fault,) = whole_of(edited(live, title="New"), live).faults()
    assert (fault.row.pk, fault.name) == (service.pk, "session_length_text")


def test_faults_name_the_part_its_row_and_the_field(before):
    now = edited(edited(before, title=""), "questions", 0, question="Why?", answer="")
    assert texts(whole_of(now, before)) == [
        "Title: This field cannot be blank.",
        "Question “Why?”: Answer: This field cannot be blank.",
    ]


def test_fault_of_a_whole_row_names_no_field(clinic):
    live = take(clinic)
    row = {"weekday": 0, "opens": "10:00:00", "closes": "09:00:00"}
    now = live | {"rows": live["rows"] | {f"opening_hours/{NOWHERE}": row}}
    (fault,) = Whole.of(now, live["rows"]).faults()
    assert fault.name == "closes"
    assert str(fault._replace(name="")) == f"Opening hours “Monday 10 a.m. to 9 a.m.”: {fault.message}"


def test_conflict_is_reported_for_the_changed_row_whichever_comes_first(clinic):
    for day in ("2026-12-24", "2026-12-25"):
        HoursException.objects.create(date=day)
    live = take(clinic)
    first, last = keys_of(live, "hours_exceptions")
    for changed, other in ((first, last), (last, first)):
        now = edited(live)
        now["rows"][changed]["date"] = live["rows"][other]["date"]
        (fault,) = whole_of(now, live).faults()
        assert (f"hours_exceptions/{fault.row.pk}", fault.name, fault.message) == (changed, "date", DAY_TAKEN)


def test_anchor_is_settled_for_the_row_that_is_not_stored_so(before):
    first, last = keys_of(before, "conditions")[0], keys_of(before, "conditions")[-1]
    for changed, other in ((first, last), (last, first)):
        now = edited(before)
        now["rows"][changed]["anchor"] = before["rows"][other]["anchor"]
        whole = whole_of(now, before)
        assert whole.faults() == []
        anchors = {f"conditions/{row.pk}": row.anchor for row in whole.parts["conditions"]}
        assert anchors[other] == before["rows"][other]["anchor"]
        assert len(set(anchors.values())) == len(anchors)
        with transaction.atomic():
            load(now)
        assert set(Condition.objects.values_list("anchor", flat=True)) == set(anchors.values())
        with transaction.atomic():
            load(before)
        assert dict(Condition.objects.values_list("name", "anchor")) == {
            before["rows"][key]["name"]: before["rows"][key]["anchor"] for key in keys_of(before, "conditions")
        }


def test_conflict_between_unchanged_rows_is_not_reported(clinic):
    for opens, closes in (("08:00", "12:00"), ("09:00", "17:00")):
        OpeningHours.objects.bulk_create([OpeningHours(weekday=0, opens=opens, closes=closes)])
    live = take(clinic)
    assert texts(whole_of(edited(live, headline="New"), live)) == []


def test_value_that_no_row_can_hold_is_lost_once(before):
    whole = whole_of(edited(before, minutes_from="many", picture=NOWHERE), before)
    lost = "What was chosen here no longer exists."
    assert [(fault.name, fault.message) for fault in whole.faults()].count(("picture", lost)) == 1
    assert {fault.name for fault in whole.lost} == {"minutes_from", "picture"}
    assert (whole.obj.minutes_from, whole.obj.picture_id) == (None, None)
    assert not [
        fault for fault in whole.faults() if fault.name in ("minutes_from", "picture") and fault.message != lost
    ]


def test_value_lost_for_a_field_that_must_not_be_empty_is_its_default(clinic):
    live = take(clinic)
    row = {"weekday": "someday", "opens": "09:00:00", "closes": "10:00:00"}
    whole = Whole.of(live | {"rows": live["rows"] | {f"opening_hours/{NOWHERE}": row}}, live["rows"])
    assert whole.parts["opening_hours"][-1].weekday is OpeningHours._meta.get_field("weekday").get_default()


def test_field_that_the_model_has_no_more_is_ignored(before):
    whole = whole_of(edited(before, retired="x"), before)
    assert not hasattr(whole.obj, "retired")
    assert whole.faults() == []


def test_rows_of_a_part_are_ordered_as_by_their_model(clinic):
    live = take(clinic)
    days = {
        f"hours_exceptions/{UUID(int=n)}": {"date": date, "opens": None, "closes": None, "note": ""}
        for n, date in enumerate(("2026-12-26", None, "2026-12-24"))
    }
    whole = Whole.of(live | {"rows": live["rows"] | days}, live["rows"])
    assert [row.pk.int for row in whole.parts["hours_exceptions"]] == [2, 0, 1]


def test_row_of_a_part_belongs_to_its_whole(before):
    whole = whole_of(before, {"rows": {}})
    assert {row.service_id for row in whole.parts["benefits"]} == {whole.obj.pk}
    assert set(whole.parts) == set(Service.parts)


# Rows that moved to another whole


@pytest.fixture
def moved(service, before):
    """A question of the snapshot that belongs to another service by now."""
    question = service.questions.first()
    question.service = Service.objects.create(title="Other", slug="other")
    question.save()
    return question


def test_rows_of_another_whole_are_found_with_their_names(service, before, moved):
    assert moved_away(before, take(service)["rows"]) == {f"questions/{moved.pk}": f"Question “{moved.question}”"}
    assert moved_away(before, before["rows"]) == {}


def test_deleted_row_has_not_moved_away(service, before):
    service.questions.first().delete()
    assert moved_away(before, take(service)["rows"]) == {}


def test_loading_leaves_a_moved_part_where_it_is(service, before, moved):
    with transaction.atomic():
        load(edited(before, title="New"))
    moved.refresh_from_db()
    assert moved.service.slug == "other"
    assert Service.objects.get(pk=service.pk).title == "New"
    assert service.questions.count() == 3


# Loading


def test_loading_what_is_invalid_names_every_fault_and_saves_nothing(service, before):
    now = edited(edited(without(before, "benefits"), title=""), "questions", 0, answer="")
    with pytest.raises(ValidationError) as found, transaction.atomic():
        load(now)
    assert len(found.value.messages) == 2
    assert take(service) == before


def test_loading_deletes_only_what_the_snapshot_lacks(service, before):
    others = FAQ.objects.create(question="General", answer="A")
    with transaction.atomic():
        load(without(before, "questions"))
    assert service.questions.count() == 3
    assert FAQ.objects.filter(pk=others.pk).exists()


def test_loading_saves_only_what_changed(service, before):
    times = dict(Benefit.objects.values_list("pk", "updated_at"))
    changed = keys_of(before, "benefits")[1].split("/")[1]
    with transaction.atomic():
        load(edited(before, "benefits", 1, text="New"))
    now = dict(Benefit.objects.values_list("pk", "updated_at"))
    assert [str(pk) for pk in times if times[pk] != now[pk]] == [changed]


def test_row_that_only_moves_may_be_older_than_a_rule(service, before):
    first, second = keys_of(before, "conditions")[:2]
    old = edited(before)
    old["rows"][first] |= {"text": "", "anchor": before["rows"][second]["anchor"]}
    now = edited(old)
    now["rows"][first]["position"] = 90
    assert texts(Whole.of(now, old["rows"])) == []
    now["rows"][first]["position"] = -1
    assert len(texts(Whole.of(now, old["rows"]))) == 1
    now["rows"][first] |= {"position": 90, "name": "New"}
    assert len(texts(Whole.of(now, old["rows"]))) == 1


def test_loading_many_rows_asks_as_little_as_loading_few(service, before):
    def loaded(count):
        rows = {
            f"{part}/{UUID(int=1000 * len(part) + n)}": fields | {"position": n}
            for n in range(count)
            for part, fields in {
                "questions": {"question": f"Q{count}?", "answer": "A"},
                "benefits": {"text": f"B{count}"},
            }.items()
        }
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            load(before | {"rows": before["rows"] | rows})
        return len(captured)

    loaded(2)
    assert loaded(10) == loaded(80)


def test_rows_without_a_place_come_last_when_they_are_loaded(service, before):
    rows = {
        f"questions/{UUID(int=n)}": {"question": f"Q{n}?", "answer": "A", "position": at}
        for n, at in enumerate((None, 80))
    }
    with transaction.atomic():
        load(before | {"rows": before["rows"] | rows})
    assert [row.question for row in service.questions.all()][-2:] == ["Q1?", "Q0?"]


def test_loading_a_part_alone_is_a_change_of_content(service, before):
    counted = version()
    with transaction.atomic():
        load(edited(before, "benefits", 0, text="New"))
    assert version() != counted


def test_dates_may_swap(clinic):
    for date in ("2026-12-24", "2026-12-25"):
        HoursException.objects.create(clinic=clinic, date=date, note=date)
    live = take(Clinic.objects.get())
    first, second = keys_of(live, "hours_exceptions")
    dates = [live["rows"][key]["date"] for key in (first, second)]
    now = edited(edited(live, "hours_exceptions", 0, date=dates[1]), "hours_exceptions", 1, date=dates[0])
    with transaction.atomic():
        load(now)
    assert take(clinic) == now
