"""What models declare of their content is checked at start."""

import pytest
from django.core.checks import run_checks
from django.db import models

from pagecache.checks import faults
from pagecache.content import moments_of
from pages.models import Clinic


def declaring(**attributes):
    """A class that declares this, with the fields of a model."""
    return type("Declaring", (), {"_meta": Clinic._meta} | attributes)


def ids(**attributes):
    return [fault.id for fault in faults(declaring(**attributes))]


def test_own_models_are_without_a_fault(db):
    assert [fault for fault in run_checks() if fault.id.startswith("pagecache.")] == []


def test_fault_is_found_at_start(db, monkeypatch):
    monkeypatch.setattr(Clinic, "moments", ("notice_untill",))
    assert [(fault.obj, fault.id) for fault in run_checks() if fault.obj] == [(Clinic, "pagecache.E002")]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, []),
        ({"is_content": False}, []),
        ({"is_content": True, "moments": ("notice_until", "updated_at")}, []),
        ({"is_content": True, "moments": "notice_until"}, ["pagecache.E001"]),
        ({"is_content": True, "moments": ("notice_until", "publish_at")}, ["pagecache.E002"]),
        ({"is_content": True, "moments": ("name",)}, ["pagecache.E002"]),
        ({"is_content": "yes"}, ["pagecache.E003"]),
        ({"moments": ("notice_until",)}, ["pagecache.E004"]),
        ({"is_contents": True}, ["pagecache.E005"]),
        ({"is_content": True, "moment": ("notice_until",)}, ["pagecache.E005"]),
        ({"comments": ("notice_until",), "is_current": True}, []),
        ({"moment": property(), "is_contents": models.BooleanField()}, []),
    ],
)
def test_declaration_that_cannot_be_meant_is_an_error(attributes, expected):
    assert ids(**attributes) == expected


def test_moments_of_base_classes_count_as_well():
    class Dated:
        moments = ("publish_at",)

    class Event(Dated):
        moments = ("ends_at", "publish_at")

    assert moments_of(Event) == ["publish_at", "ends_at"]
