"""What the addresses of lists may compare: no secret that belongs to a person is learned letter by letter."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Session

LIST = "/admin/auth/user/"


@pytest.fixture
def boss(person, signed_in):
    return signed_in(person("boss", "Manager"))


def ways_to_people():
    """(list, lookup that leads from its model to User)."""
    for model, model_admin in admin.site._registry.items():
        if model is User:
            yield model_admin, ""
        for field in model._meta.get_fields():
            if field.related_model is User:
                yield model_admin, f"{field.name}__"


def belongings():
    """All that leads from a person to what other models keep of it."""
    for relation in User._meta.get_fields():
        if relation.auto_created and not relation.concrete:
            for field in relation.related_model._meta.get_fields():
                yield f"{relation.name}__{field.name}"


def test_no_list_compares_what_belongs_to_a_person(db, rf, manager):
    request = rf.get("/")
    request.user = manager
    lookups = [(one, f"{way}{name}__gte") for one, way in ways_to_people() for name in [*belongings(), "password"]]
    assert len(lookups) > 50
    assert [(str(one), name) for one, name in lookups if one.lookup_allowed(name, "x", request)] == []


def test_key_of_a_session_has_no_name_in_a_lookup_about_people():
    names = {field.related_model for field in User._meta.get_fields() if field.auto_created and not field.concrete}
    assert not names & {Session, apps.get_model("accounts.Invitation")}


@pytest.mark.parametrize("name", ["sessions__session_key", "session__session_key", "+__session_key"])
def test_lookup_of_a_name_that_is_none_tells_nothing(boss, person, signed_in, name):
    signed_in(person("owner", is_superuser=True))
    for value in ("", Session.objects.last().session_key):
        answer = boss.get(LIST, {"username__exact": "owner", f"{name}__gte": value})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{LIST}?e=1")


@pytest.mark.parametrize("name", ["password", "last_name", "email", "logentry__user__password"])
def test_manager_learns_no_key_of_a_session(boss, person, signed_in, name):
    signed_in(person("owner", is_superuser=True))
    for value in ("", Session.objects.last().session_key):
        query = {"username__exact": "owner", f"{name}__gte": value}
        assert boss.get(LIST, query).status_code == 400


def test_filters_of_the_list_of_people_work(boss, dana):
    role = dana.groups.get().pk
    for query in ({"groups__id__exact": role}, {"is_active__exact": 1, "username__exact": "dana"}):
        answer = boss.get(LIST, query)
        assertContains(answer, f"/{dana.pk}/change/")
        assertNotContains(answer, "?e=1")
    assertNotContains(boss.get(LIST, {"is_active__exact": 0}), f"/{dana.pk}/change/")
