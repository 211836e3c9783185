"""Whatever is typed or asked for, a page answers, and what was typed stays text."""

import re

import pytest
import time_machine
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pages.models import CLINIC_KEY, Clinic
from pages.vcard import vcard
from services.models import FAQ, Service
from services.ruler import FIBRES, ruler
from services.text import points
from tests.admin.extremes import TEXTS
from tests.admin.typist import REGISTRY
from tests.admin.typist import try_out as type_everywhere
from tests.everywhere.walk import SERVICE, Document
from tests.publishing.test_any_edits import KINDS, NOON, deeds_of, try_out

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
TEXT_FIELDS = ("title", "lead", "what_it_is", "how_points", "session_length_text", "precautions", "alternative_names")
MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(path=st.text(max_size=80), query=st.text(max_size=80))
def test_no_address_is_a_fault(clinic, path, query):
    answer = Client().get("/" + path.lstrip("/"), QUERY_STRING=query.encode("utf-8", "replace").decode("latin-1"))
    assert answer.status_code < 500


@MANY
@given(page=st.one_of(st.text(max_size=20), st.integers().map(str), st.floats().map(str)))
@pytest.mark.parametrize("address", ["/testimonials/", "/faq/"])
def test_no_page_number_is_a_fault(clinic, address, page):
    assert Client().get(address, {"page": page}).status_code in (200, 404)


@MANY
@given(field=st.sampled_from(TEXT_FIELDS), text=LETTERS)
def test_what_staff_type_stays_text(service, field, text):
    Service.objects.filter(pk=service.pk).update(**{field: text + "<b id=typed>"})
    answer = Client().get(SERVICE)
    assert answer.status_code == 200
    assert "typed" not in Document(answer.content.decode()).ids


@MANY
@given(question=LETTERS, answer=LETTERS)
def test_questions_stay_text(clinic, question, answer):
    FAQ.objects.filter(position=1).update(question=question + "<b id=typed>", answer=answer + "<b id=typed>")
    for address in ("/", "/faq/", SERVICE):
        assert "typed" not in Document(Client().get(address).content.decode()).ids


@MANY
@given(name=LETTERS, street=LETTERS)
def test_card_is_one_entry_whatever_it_holds(name, street):
    card = vcard(Clinic(id=CLINIC_KEY, name=name, street=street), "https://www.example.com")
    lines = card.split("\r\n")
    assert lines[0] == "BEGIN:VCARD"
    assert lines[-2:] == ["END:VCARD", ""]
    assert sum(line.startswith("END:VCARD") for line in lines) == 1
    assert all(len(line.encode()) <= 75 for line in lines)


@MANY
@given(text=st.text())
def test_no_word_of_a_point_is_lost(text):
    shown = " ".join(f"{point.label}: {point.text}" if point.label else point.text for point in points(text))
    assert shown.split() == text.split()


@MANY
@given(first=st.integers(1, 32767), more=st.integers(0, 32767))
def test_any_length_can_be_drawn(first, more):
    drawn = ruler(first, first + more)
    ends = re.findall(r'x2="([\d.]+)%" y2', "".join(drawn.fibres.values()))
    assert len(ends) == FIBRES
    assert all(0 <= float(end) <= 100 for end in ends)
    assert drawn.ticks.count("<line") < 800


@settings(MANY, max_examples=2)
@given(data=st.data())
@pytest.mark.parametrize("name", REGISTRY)
def test_anything_can_be_typed_everywhere(full_site, manager, name, data):
    """A few that are always the same are in tests/admin."""

    def pick(what, values):
        texts = st.sampled_from(TEXTS) | st.text(max_size=60)
        return data.draw(texts if values is None else st.sampled_from(values))

    with time_machine.travel(NOON, tick=False) as clock:
        type_everywhere(manager, name, pick, clock)


@settings(MANY, max_examples=20)
@given(data=st.data())
@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.__name__)
def test_any_edits_in_any_order_leave_drafts_that_open(clinic, manager, model, data):
    try_out(manager, model, data.draw(deeds_of(model)), data.draw(st.booleans()))
