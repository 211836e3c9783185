"""Whoever comes to whichever address, in whatever way: they get what `doors.py` says, and nothing else."""

from itertools import product

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.everywhere.deeds import deed, undone, visit, written
from tests.everywhere.doors import DOORS, EVERYBODY, OTHER_METHODS, SAFE, STAFF, UNSAFE, addresses, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media():
    """The folder of uploaded files is that of the world, for the whole module."""


def routes_of(key):
    return [(name, route) for name, route in addresses() if key_of(name, route) == key]


def test_each_address_is_in_the_table():
    unknown = [name or route for name, route in addresses() if key_of(name, route) is None]
    assert unknown == [], "say in doors.py who may open these"
    assert [key for key in DOORS if not routes_of(key)] == [], "these are gone"


def test_each_bulk_action_is_in_the_table():
    for model, model_admin in admin.site._registry.items():
        own = [action if isinstance(action, str) else action.__name__ for action in model_admin.actions]
        actions = {*dict(admin.site.actions), *own}
        key = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert actions <= DOORS[key].deeds.keys(), f"say in doors.py who may do what is chosen in a list: {actions}"


@pytest.mark.parametrize("key", DOORS)
def test_who_may_open(world, key):
    door = DOORS[key]
    for name, route in routes_of(key):
        path = world.address(name, route)
        for letter in EVERYBODY:
            for method in SAFE:
                with written() as writes:
                    answer = visit(world, letter, method, path)
                expected = door.status_for(letter)
                if method != "GET" and letter not in door.see:
                    expected = OTHER_METHODS.get(key, expected)
                assert (answer.status_code, writes) == (expected, []), (letter, method, path)
            if path.startswith("/admin/") and letter not in STAFF + door.see:
                asked = f"{reverse('admin:login')}?next={path}"
                assert answer.headers["Location"] in (asked, reverse("admin:index")), (letter, path)


@pytest.mark.parametrize("key", DOORS)
def test_other_methods_write_nothing(world, key):
    door = DOORS[key]
    tried = "".join(sorted({*EVERYBODY} - {*door.see[1:]}))  # of those who see it, one
    for name, route in routes_of(key):
        path = world.address(name, route)
        for letter, method in product(tried, UNSAFE):
            with undone(), written() as writes:
                answer = visit(world, letter, method, path)
            assert writes == [], (letter, method, path)
            if not path.startswith("/admin/"):
                assert answer.status_code == 405, (letter, method, path)
            elif letter not in door.see and not (method == "OPTIONS" and "Allow" in answer.headers):
                possible = (door.status_for(letter), OTHER_METHODS.get(key), 405)
                assert answer.status_code in possible, (letter, method, path)


@pytest.mark.parametrize("key", DOORS)
def test_form_of_nothing_writes_nothing(world, key):
    door = DOORS[key]
    for name, route in routes_of(key):
        path = world.address(name, route)
        for letter in EVERYBODY:
            with undone(), written() as writes:
                answer = visit(world, letter, "POST", path)
            assert writes == [], (letter, path)
            assert answer.status_code == 405 or path.startswith("/admin/"), (letter, path)
            may = any(letter in who for who, _ in door.deeds.values())
            if not may and letter not in door.see:
                assert answer.status_code in (door.status_for(letter), OTHER_METHODS.get(key), 403, 405), (letter, path)


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, door in DOORS.items() for name in door.deeds])
def test_who_may_do_what(world, key, name):
    door = DOORS[key]
    for letter in EVERYBODY:
        with undone():
            path, data, is_done = deed(world, letter, key, name)
            with written() as writes:
                answer = visit(world, "X" if name == "log_in" else letter, "POST", path, data)
            told = (letter, path, answer.status_code)
            may = letter in door.deeds[name][0]
            assert bool(is_done(answer)) == may, told
            if not may and not (name in door.lesser and letter in door.see):
                assert (answer.status_code, writes) == (door.refusal(name, letter), []), told
