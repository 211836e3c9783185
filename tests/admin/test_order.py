"""The rows of a service's parts: folded to their titles, and in the order of the numbers that the script gives them."""

import pytest
from pytest_django.asserts import assertContains, assertRedirects

from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import address

NONSENSE = ("", "x", "-1", "1.5", "9" * 12, "9" * 5000)


def test_parts_are_folded_and_tell_how_many_rows_they_have(manager_client, service):
    response = manager_client.get(address("services_service", "change", service.pk))
    assertContains(response, '<details class="ordered__part">', count=6)
    assertContains(response, '(<span class="ordered__count">5</span>)')
    assertContains(response, f'<h3 class="ordered__title">{service.questions.first()}</h3>')


def test_part_and_row_with_a_mistake_are_open(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url) | {"questions-1-answer": ""}
    response = manager_client.post(url, data)
    assert list(errors(response)) == ["questions-1-answer"]
    assertContains(response, '<details class="ordered__part" open>', count=1)
    # The row itself, and the empty one of each part that inlines.js copies.
    assertContains(response, '<details class="ordered__row" open>', count=7)


def test_rows_follow_their_numbers_new_ones_between_saved_ones(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url)
    count = service.benefits.count()
    data |= {f"benefits-{n}-position": str(2 * n + 1) for n in range(count)}
    add_row(data, "benefits", text="Between.", position="2")
    assertRedirects(manager_client.post(url, data), address("services_service", "changelist"))
    assert service.benefits.all()[1].text == "Between."


@pytest.mark.parametrize("typed", NONSENSE)
def test_number_that_is_none_puts_the_row_at_the_end(manager_client, service, typed):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url) | {"benefits-0-position": typed}
    first = service.benefits.first()
    add_row(data, "questions", question="Late?", answer="Yes.", position=typed)
    assertRedirects(manager_client.post(url, data), address("services_service", "changelist"))
    assert service.questions.last().question == "Late?"
    assert service.benefits.last() == first


def test_equal_numbers_lose_no_row(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url)
    before = set(service.benefits.all())
    data |= {f"benefits-{n}-position": "1" for n in range(len(before))}
    manager_client.post(url, data)
    assert set(service.benefits.all()) == before


def test_row_that_has_only_a_number_is_not_a_row(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url)
    before = service.questions.count()
    add_row(data, "questions", question="", answer="", position="9")
    assertRedirects(manager_client.post(url, data), address("services_service", "changelist"))
    assert service.questions.count() == before
