import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from services.models import FAQ, RESERVED_ANCHORS, Condition, Service
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import address

ADD = address("services_service", "add")
LIST = address("services_service", "changelist")
MINUTES = "Give both numbers of minutes or none; the first may not exceed the second."


@pytest.fixture
def change(service):
    return address("services_service", "change", service.pk)


@pytest.fixture
def new(manager_client):
    """A new service that could be saved."""
    return filled(manager_client, ADD, title="Massage", slug="massage")


def stored(service):
    """All that the database holds of a service, without the times of change."""
    parts = {name: list(getattr(service, name).values()) for name in service.parts}
    rows = {"service": list(Service.objects.filter(pk=service.pk).values()), **parts}
    return {name: [row | {"updated_at": None} for row in found] for name, found in rows.items()}


def test_saving_without_a_change_changes_nothing(manager_client, service, change):
    before = stored(service)
    assertRedirects(manager_client.post(change, filled(manager_client, change)), LIST)
    assert stored(service) == before


def test_service_with_parts_is_public_once_it_is_dated(manager_client, new, client):
    new |= {"publish_at_0": "2026-01-01", "publish_at_1": "09:00", "benefits_intro": "It helps:"}
    add_row(new, "benefits", text="Less pain.")
    add_row(new, "conditions", name="Stiff Neck", text="Loosens it.", regions=["neck", "back"])
    add_row(new, "steps", title="Talk", points="Where it hurts")
    add_row(new, "questions", question="Is it safe?", answer="Yes.")
    add_row(new, "comparisons", other="Foam", other_text="Broad.", own_text="Precise.")
    add_row(new, "claims", text="A 2020 study.", url="doi.org/10.1000/1")
    assertRedirects(manager_client.post(ADD, new), LIST)
    response = client.get(reverse("service", args=["massage"]))
    for words in ("Less pain.", "Stiff Neck", "Where it hurts", "Is it safe?", "Precise.", "A 2020 study."):
        assertContains(response, words)
    assert Service.objects.get(slug="massage").claims.get().url == "https://doi.org/10.1000/1"


def test_parts_without_a_position_follow_in_the_order_typed(manager_client, new):
    for text in ("First", "Second", "Third"):
        add_row(new, "benefits", text=text)
    manager_client.post(ADD, new)
    benefits = Service.objects.get(slug="massage").benefits
    assert list(benefits.values_list("text", "position")) == [("First", 1), ("Second", 2), ("Third", 3)]


def test_part_marked_for_deletion_goes(manager_client, service, change):
    gone = service.benefits.first()
    manager_client.post(change, filled(manager_client, change) | {"benefits-0-DELETE": "on"})
    assert service.benefits.count() == 4
    assert not service.benefits.filter(pk=gone.pk).exists()


def test_regions_are_boxes_and_stored_in_the_order_of_the_body(manager_client, service, change):
    condition = service.conditions.first()
    page = manager_client.get(change)
    assertContains(page, '<div class="region-boxes" role="group" aria-label="Regions">')
    assertContains(page, "Achilles tendon")
    data = filled(manager_client, change) | {"conditions-0-regions": ["heel", "lower_back", "neck"]}
    manager_client.post(change, data)
    condition.refresh_from_db()
    assert condition.regions == ["neck", "lower_back", "heel"]


def test_no_region_is_an_empty_list(manager_client, service, change):
    data = filled(manager_client, change)
    del data["conditions-0-regions"]
    manager_client.post(change, data)
    assert service.conditions.first().regions == []


def test_unknown_region_is_refused_beside_the_boxes(manager_client, change):
    data = filled(manager_client, change) | {"conditions-0-regions": ["tail"]}
    told = errors(manager_client.post(change, data))
    assert told == {"conditions-0-regions": ["Select a valid choice. tail is not one of the available choices."]}


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"minutes_from": "30"}, "minutes_to", MINUTES),
        ({"minutes_from": "45", "minutes_to": "30", "session_length_text": "45 to 30"}, "minutes_to", MINUTES),
        ({"schedule_text": "Call {phone} or {phone}", "booking_phone": "(973) 922-9659"}, "schedule_text", None),
        ({"schedule_text": "Call us.", "booking_phone": "(973) 922-9659"}, "schedule_text", None),
        ({"schedule_text": "Call {phone}."}, "booking_phone", "The text to schedule needs a booking phone."),
        ({"booking_phone": "12"}, "booking_phone", None),
        (
            {"minutes_from": "30", "minutes_to": "45", "session_length_text": "About 30 minutes"},
            "session_length_text",
            "This text must name 45 minutes.",
        ),
        ({"slug": "muscle-scraping-therapy"}, "slug", "Service with this Address already exists."),
        ({"summary": "x" * 201}, "summary", None),
    ],
)
def test_broken_rule_is_told_beside_its_field_and_nothing_typed_is_lost(
    manager_client, service, new, typed, field, message
):
    response = manager_client.post(ADD, new | {"lead": "Typed with care"} | typed)
    told = errors(response)
    assert field in told
    assert "__all__" not in told
    if message:
        assert message in told[field]
    assertContains(response, "Typed with care")
    for value in typed.values():
        assertContains(response, value)
    assert Service.objects.count() == 1


def test_claim_cannot_be_confirmed_without_its_citation(manager_client, new):
    confirmed = {"confirmed_at_0": "2026-01-01", "confirmed_at_1": "09:00"}
    row = add_row(new, "claims", text="It helps.", **confirmed)
    told = errors(manager_client.post(ADD, new))
    assert told == {f"{row}-citation": ["Only a claim with a citation can be confirmed."]}


@pytest.mark.parametrize("anchor", RESERVED_ANCHORS)
def test_condition_named_as_a_section_has_an_anchor_of_its_own(manager_client, new, client, anchor):
    add_row(new, "conditions", name=anchor.capitalize(), text="Loosens it.")
    new |= {"publish_at_0": "2026-01-01", "publish_at_1": "09:00"}
    assertRedirects(manager_client.post(ADD, new), LIST)
    assert Condition.objects.get().anchor == f"{anchor}-2"
    assertContains(client.get(Service.objects.get().get_absolute_url()), f'id="{anchor}-2"', count=1)


def test_conditions_of_one_name_have_anchors_of_their_own(manager_client, new):
    for name in ("Neck", "Neck", "颈", "頸"):
        add_row(new, "conditions", name=name, text="Loosens it.")
    assertRedirects(manager_client.post(ADD, new), LIST)
    anchors = Condition.objects.order_by("position").values_list("anchor", flat=True)
    assert list(anchors) == ["neck", "neck-2", "condition", "condition-2"]


def test_renamed_condition_keeps_its_anchor_and_a_new_one_leaves_it_alone(manager_client, service, change):
    first = service.conditions.first()
    data = filled(manager_client, change, **{"conditions-0-name": "Heel Pain"})
    add_row(data, "conditions", name=first.name, text="Loosens it.")
    assertRedirects(manager_client.post(change, data), LIST)
    assert Condition.objects.get(pk=first.pk).anchor == first.anchor
    assert Condition.objects.get(name=first.name).anchor == f"{first.anchor}-2"


def test_staff_never_meet_the_word_anchor(manager_client, service, change):
    data = filled(manager_client, change)
    add_row(data, "conditions", name="Contact", text="Loosens it.")
    refused = manager_client.post(change, data | {"title": ""})
    draft = manager_client.post(change, data | {"_keep": "1"}).url
    manager_client.post(change, data)
    for page in (
        refused,
        *map(manager_client.get, (change, draft, address("services_service", "history", service.pk))),
    ):
        assert "anchor" not in page.content.decode().lower().replace("/anchor", "")


def test_changed_address_leaves_the_old_one_working(manager_client, service, change, client):
    old = service.get_absolute_url()
    manager_client.post(change, filled(manager_client, change, slug="scraping"))
    assertRedirects(client.get(old), "/services/scraping/", status_code=301)


def test_deleting_a_service_says_what_goes_with_it(manager_client, service):
    url = address("services_service", "delete", service.pk)
    assertContains(manager_client.get(url), "Session step")
    assertRedirects(manager_client.post(url, {"post": "yes"}), LIST)
    assert not Service.objects.exists()


def test_popup_hands_the_new_service_to_the_form_that_asked(manager_client, new):
    response = manager_client.post(f"{ADD}?_popup=1&_to_field=id", new | {"_popup": "1", "_to_field": "id"})
    assertContains(response, Service.objects.get().pk)
    assertContains(response, "Massage")


def test_save_and_add_another_opens_an_empty_form(manager_client, new):
    assertRedirects(manager_client.post(ADD, new | {"_addanother": "1"}), ADD)


def test_service_of_hundreds_of_questions_can_be_saved(manager_client, service):
    rows = [FAQ(service=service, question=f"Question {at}?", answer="Yes.", position=10 + at) for at in range(260)]
    FAQ.objects.bulk_create(rows)
    url = reverse("admin:services_service_change", args=[service.pk])
    data = filled(manager_client, url, lead="Changed.")
    assert len(data) > 1000
    assert manager_client.post(url, data).status_code == 302
    service.refresh_from_db()
    assert service.lead == "Changed."
