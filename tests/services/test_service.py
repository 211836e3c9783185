import json
import re
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django.asserts import assertContains

from services.models import Claim, Comparison, Condition, Service
from tests.everywhere.walk import picture
from tests.pictures.images import quarters

PHONE = "+19735550123"
WRONG = [
    ({"minutes_from": 45, "minutes_to": 30, "session_length_text": "30 to 45"}, "minutes_to"),
    ({"minutes_from": 30, "session_length_text": "30"}, "minutes_to"),
    ({"minutes_to": 45, "session_length_text": "45"}, "minutes_to"),
    ({"minutes_from": 0, "minutes_to": 0, "session_length_text": "0"}, "minutes_to"),
    ({"minutes_from": 1, "minutes_to": 601, "session_length_text": "1 to 601"}, "minutes_to"),
    ({"schedule_text": "Call us.", "booking_phone": PHONE}, "schedule_text"),
    ({"schedule_text": "Call {phone} or {phone}.", "booking_phone": PHONE}, "schedule_text"),
    ({"schedule_text": "Call {phone}."}, "booking_phone"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG)
def test_wrong_service_is_refused_beside_its_field_and_by_the_database(db, fields, field):
    service = Service(title="T", slug="t", position=1, **fields)
    with pytest.raises(ValidationError) as refused:
        service.full_clean()
    assert list(refused.value.message_dict) == [field]
    with pytest.raises(IntegrityError), transaction.atomic():
        service.save()


@pytest.mark.parametrize("text", ["", "A session lasts 45 minutes.", "Between 130 and 45 minutes."])
def test_text_of_the_length_must_name_both_numbers(db, text):
    service = Service(title="T", slug="t", minutes_from=30, minutes_to=45, session_length_text=text)
    with pytest.raises(ValidationError, match="must name"):
        service.full_clean()


def test_service_needs_no_more_than_a_title_and_an_address(db):
    Service(title="T", slug="t").full_clean()


def test_schedule_text_is_shown_round_its_number(db):
    service = Service(schedule_text="Call {phone} to book.")
    assert service.schedule_parts == ["Call ", " to book."]


def test_names_fall_back_to_the_title():
    assert Service(title="Long").short_name == "Long"
    assert Service(title="Long", short_title="Short").short_name == "Short"


def test_claim_is_confirmed_only_with_a_citation(service):
    claim = Claim(service=service, text="A 2019 study.", confirmed_at=timezone.now())
    with pytest.raises(ValidationError) as refused:
        claim.full_clean()
    assert list(refused.value.message_dict) == ["citation"]
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.save()


def test_anchor_that_would_not_work_is_replaced_and_the_database_holds_none(service):
    for anchor in ("plantar-fasciitis", "benefits"):
        condition = Condition(service=service, name="N", anchor=anchor, text="T")
        with pytest.raises(IntegrityError), transaction.atomic():
            Condition.objects.bulk_create([condition])
        condition.full_clean()
        assert condition.anchor == "n"
    other = Service.objects.create(title="Other", slug="other")
    kept = Condition(service=other, name="N", anchor="plantar-fasciitis", text="T")
    kept.full_clean()
    assert kept.anchor == "plantar-fasciitis"


NAMES = {
    "Contact": "contact-2",
    "Plantar Fasciitis": "plantar-fasciitis-2",
    "Núñez’s palsy": "nunezs-palsy",
    "足底筋膜炎": "condition",
    "…": "condition",
    "_": "condition",
    "x" * 80: "x" * 50,
    "MAIN": "main-2",
}


@pytest.mark.parametrize(("name", "anchor"), NAMES.items())
def test_anchor_is_made_of_the_name(service, name, anchor):
    assert Condition.objects.create(service=service, name=name, text="T").anchor == anchor


def test_many_conditions_of_one_name_have_anchors_of_their_own(service):
    anchors = [Condition.objects.create(service=service, name="x" * 80, text="T").anchor for _ in range(12)]
    assert len(set(anchors)) == 12
    assert max(map(len, anchors)) <= 50


def test_anchor_stays_when_the_name_changes(service):
    condition = service.conditions.first()
    before = condition.anchor
    condition.name = "Something Else"
    condition.save()
    assert Condition.objects.get(pk=condition.pk).anchor == before


@pytest.fixture
def loads(service, tmp_path):
    """Load conditions of a service by what a fixture gives of them, and return their anchors."""

    def load(*rows, first=0):
        fields = {"service": str(service.pk), "text": "T", "regions": [], "updated_at": "2026-01-01T00:00Z"}
        found = [
            {"model": "services.condition", "pk": str(UUID(int=n)), "fields": fields | own | {"position": 90 + n}}
            for n, own in enumerate(rows, first)
        ]
        fixture = tmp_path / "conditions.json"
        fixture.write_text(json.dumps(found))
        call_command("loaddata", str(fixture), verbosity=0)
        return list(service.conditions.filter(position__gte=90).order_by("position").values_list("anchor", flat=True))

    return load


def test_fixture_that_brings_no_anchor_gets_one(loads):
    rows = [{"name": "Heel"}, {"name": "Heel", "anchor": ""}, {"name": "Hip", "anchor": "ours"}, {"name": "Contact"}]
    assert loads(*rows) == ["heel", "heel-2", "ours", "contact-2"]


@pytest.mark.parametrize("anchor", ["heel", "Contact", "contact", "two words", "x" * 51])
def test_anchor_that_a_fixture_gives_is_kept_or_refused(loads, anchor):
    assert loads({"name": "Heel", "anchor": "heel"}) == ["heel"]
    if anchor == "Contact":
        assert loads({"name": "Hip", "anchor": anchor}, first=1) == ["heel", "Contact"]
        return
    with pytest.raises(CommandError):
        loads({"name": "Hip", "anchor": anchor}, first=1)
    assert list(Condition.objects.filter(position__gte=90).values_list("anchor", flat=True)) == ["heel"]


def test_fixture_that_gives_an_anchor_anew_changes_no_link(loads):
    loads({"name": "Heel", "anchor": "heel"}, {"name": "Hip", "anchor": "hip"})
    assert loads({"name": "Heel", "anchor": "foot"}, {"name": "Hip", "anchor": "heel"}) == ["foot", "heel"]
    with pytest.raises(CommandError, match=r"(?i)unique"):
        loads({"name": "Heel", "anchor": "heel"})


@pytest.mark.parametrize("regions", [["nose"], "heel", ["heel", "heel"], [7], {"heel": 1}, [["heel"]]])
def test_regions_are_those_of_the_body_map(service, regions):
    condition = Condition(service=service, name="N", anchor="n", text="T", regions=regions)
    with pytest.raises(ValidationError) as refused:
        condition.full_clean()
    assert list(refused.value.message_dict) == ["regions"]


def test_parts_go_with_their_service(service):
    conditions = Condition.objects.count()
    assert conditions == 4
    service.delete()
    assert Condition.objects.count() == 0


def test_picture_that_a_service_shows_cannot_be_deleted(service):
    service.picture = picture(quarters())
    service.save()
    with pytest.raises(ProtectedError):
        service.picture.delete()


def test_constraint_on_a_field_that_the_form_leaves_out_is_not_asked(db):
    service = Service(title="T", slug="t", minutes_from=45, minutes_to=30)
    service.validate_constraints(exclude={"minutes_to"})
    with pytest.raises(ValidationError):
        service.validate_constraints()


def test_constraint_is_not_reported_beside_a_field_that_the_form_leaves_out(db, monkeypatch):
    named = models.CheckConstraint(name="named", condition=models.Q(title="Named"), violation_error_code="slug")
    monkeypatch.setattr(Service._meta, "constraints", [named])
    for exclude, place in ((None, "slug"), ({"slug"}, "__all__")):
        with pytest.raises(ValidationError) as refused:
            Service(title="T", slug="t").validate_constraints(exclude)
        assert list(refused.value.message_dict) == [place]


def test_number_without_its_country_is_one_of_the_united_states(db):
    service = Service(title="T", slug="t", booking_phone="(973) 555-0123")
    service.full_clean()
    assert service.booking_phone.as_e164 == PHONE
    assert str(service.booking_phone) == "(973) 555-0123"


@pytest.mark.parametrize(
    ("other", "own", "sentence"),
    [
        ("It uses hands,", "whereas this uses tools.", "It uses hands, whereas this uses tools."),
        ("It uses hands", " whereas this uses tools.\n", "It uses hands whereas this uses tools."),
        ("It uses hands;", "This uses tools.", "It uses hands; This uses tools."),
        ("Broad strokes", "Precise strokes", ""),
        ("It uses hands.", "which this does not", ""),
        ("It uses hands.", "This uses tools.", ""),
        ("“It uses hands.”", "This uses tools.", ""),
        ("Hands? (Yes!) ", "This uses tools.", ""),
    ],
)
def test_sentence_over_both_sides_of_a_comparison_is_whole(other, own, sentence):
    assert Comparison(other_text=other, own_text=own).sentence == sentence


def test_sentence_of_the_clinic_is_in_one_cell(client, service):
    sentence = (
        "Traditional massage uses hands to knead and manipulate muscles, whereas muscle scraping employs specialized "
        "tools to reach deeper tissue layers with controlled pressure."
    )
    answer = client.get(service.get_absolute_url())
    assertContains(answer, f"<p>{sentence}")
    assertContains(answer, '<td colspan="2">', count=1)


def test_each_drawing_of_pressure_is_told_in_words(client, service):
    page = client.get(service.get_absolute_url()).content.decode()
    told = re.findall(r'alt="(Drawing: [^"]+)"[^>]* src="[^"]*press-light\.svg#([\w-]+)"', page)
    assert [name for _, name in told] == ["massage", "scraping-1", "guasha", "scraping-2", "foam", "scraping-3"]
    assert len({text for text, _ in told}) == 6


@pytest.mark.django_db(transaction=True)
def test_lengths_that_were_too_long_lose_their_drawing():
    executor = MigrationExecutor(connection)
    executor.migrate([("services", "0005_labels_and_help")])
    old = executor.loader.project_state([("services", "0005_labels_and_help")]).apps.get_model("services", "Service")
    for slug, longest in (("long", 30_000), ("short", 600)):
        old.objects.create(
            position=1, title=slug, slug=slug, minutes_from=1, minutes_to=longest, session_length_text=f"1 to {longest}"
        )
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    kept = {service.slug: (service.minutes_to, service.session_length_text) for service in Service.objects.all()}
    assert kept == {"long": (None, "1 to 30000"), "short": (600, "1 to 600")}
