"""What is made up: queries, numbers of revisions, links and fields that no page offers."""

from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import timezone

from publishing.models import Revision
from publishing.revisions.snapshot import take
from tests.everywhere.deeds import LATER, PUBLIC_FROM, TEXTS, WORD, undone, visit, written
from tests.everywhere.doors import DOORS, addresses, key_of

pytestmark = pytest.mark.django_db
CONTENT = ("services_service", "services_faq", "testimonials_testimonial", "pages_page")
LOOKUPS = (
    "password",
    "password__startswith",
    "password__regex",
    "user__password__startswith",
    "user__is_superuser",
    "groups__user__password__startswith",
    "logentry__user__password__startswith",
    "author__password__startswith",
    "service__secret",
    "picture__page__title__startswith",
)
ON_EACH_PAGE = (
    "_popup=1",
    "_to_field=",
    "_to_field=id",
    "_to_field=password",
    "_popup=1&_to_field=%00",
    "_changelist_filters=password__startswith%3Dx",
    "app_label=auth&model_name=user&field_name=password&term=x",
    "next=https://elsewhere.example/",
    "base_version=x",
    "q=%ff%00",
)
IN_LISTS = (
    "all=",
    "o=99.-99.x",
    "ot=1",
    "p=-1",
    "p=x",
    "p=99999999999999999999",
    "e=1",
    "id__in=x",
    "id__exact=x",
    "id__regex=(",
    "id__iregex=[",
    "pk=99999999999999999999",
    "position__gt=x",
    "position=99999999999999999999",
    "service__id__exact=x",
    "service__isnull=2",
    "is_active__exact=2",
    "groups__id__exact=99999999999999999999",
    "publish_at=99999",
    "publish_at__year=99999",
    "publish_at__year__gt=99999",
    "date_joined__year=0",
    "updated_at__week_day=x",
    "release_noted_at__isempty=x",
    "publish_at__gte=x",
    "state=x&state=y",
)
FORGED = ("-1", "0", "99", "9" * 40, "9" * 18, "1.5", "1e3", "٣", "½", "x", "1 OR 1=1", "None")


@pytest.fixture(autouse=True)
def media():
    """The folder of uploaded files is that of the world, for the whole module."""


# Queries


@pytest.mark.parametrize("letter", ["M", "S"])
def test_lists_tell_nothing_of_what_they_do_not_show(world, letter):
    for model, lookup in product(TEXTS, LOOKUPS):
        key = f"admin:{model}_changelist"
        if letter in DOORS[key].see and model != "pages_clinic":
            answer = visit(world, letter, "GET", f"{reverse(key)}?{lookup}=md5")
            refused = answer.status_code == 400 or answer.headers.get("Location", "").endswith("?e=1")
            assert refused, (model, lookup, answer.status_code)


@pytest.mark.parametrize("query", [*ON_EACH_PAGE, *IN_LISTS])
def test_no_query_of_the_staffs_pages_is_a_fault_or_writes(world, query):
    for name, route in addresses():
        key = key_of(name, route)
        if key.startswith("admin") and (query in ON_EACH_PAGE or key.endswith("_changelist")):
            with written() as writes:
                answer = visit(world, "S", "GET", f"{world.address(name, route)}?{query}")
            assert writes == [], (name, query)
            assert "elsewhere.example" not in answer.headers.get("Location", ""), name


@pytest.mark.parametrize("action", ["add", "change"])
@pytest.mark.parametrize("field", ["password", "is_superuser", "nonsense", "groups"])
def test_pop_up_hands_no_other_field_on(world, action, field):
    user = world.rows["auth_user"]
    path = world.at("auth_user", action, *([user.pk] if action == "change" else []))
    data = {"username": "new", "_popup": "1", "_to_field": field}
    with undone(), written() as writes:
        answer = visit(world, "M", "POST", path, data)
    assert (answer.status_code, writes) == (400, [])


# Revisions


def forged(world, model):
    """Numbers of revisions that are none of the live row, and of none of its versions."""
    other = next(name for name in CONTENT if name != model)
    yield from FORGED
    yield str(world.drafts[other][0].pk)
    yield str(world.old[other].pk)
    if model in world.hidden:
        yield str(Revision.objects.of(type(world.hidden[model]), world.hidden[model].pk).latest("pk").pk)


@pytest.mark.parametrize("model", CONTENT)
def test_revision_of_something_else_is_not_found(world, model):
    place, add = world.at(model, "change", world.rows[model].pk), world.at(model, "add")
    for number, path in product(forged(world, model), (place, add)):
        for data in (None, {"_discard": "1"}, world.filled(place) | {"_keep": "1"}):
            with undone(), written() as writes:
                answer = visit(world, "S", "GET" if data is None else "POST", f"{path}?revision={number}", data)
            assert (answer.status_code, writes) == (404, []), (path, number, data)
    for number in (*forged(world, model), str(world.drafts[model][0].pk)):
        with undone(), written() as writes:
            answer = visit(world, "S", "POST", place, world.filled(place) | {"base_version": number, "_keep": "1"})
        assert (answer.status_code, writes) == (404, []), number


@pytest.mark.parametrize("model", CONTENT)
def test_closed_draft_is_no_way_around_the_right_to_publish(world, model):
    draft, row = world.drafts[model][0], world.rows[model]
    draft.close()
    path = f"{world.at(model, 'change', row.pk)}?revision={draft.pk}"
    assert visit(world, "C", "GET", path).status_code == 200
    with written() as writes:
        assert visit(world, "C", "POST", path, world.filled(path)).status_code == 403
    assert writes == []


def test_shared_link_opens_for_whom_it_is_meant_and_no_other(world):
    draft, other = world.drafts["services_service"][0], world.drafts["pages_page"][0]
    token = draft.token
    number, when, signature = token.split(":")
    path = reverse("shared_draft", args=[token])
    assert visit(world, "X", "GET", path).status_code == 200
    made_up = [f"{other.pk}:{when}:{signature}", f"{number}:{when}x:{signature}", f"{number}:{when}:{signature[:-1]}"]
    for text in (*made_up, number, f"{number}:", ":::", "x" * 5000, "-1:x:y", f"{token}\u00e9"):
        for letter in "XCS":
            assert visit(world, letter, "GET", reverse("shared_draft", args=[text])).status_code == 404, text
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert visit(world, "X", "GET", path).status_code == 404
    draft.close()
    assert visit(world, "X", "GET", path).status_code == 404


# Roles

BUTTONS = ("", "_save", "_saveasnew", "_preview", "_keep", "_discard")
FORCED = PUBLIC_FROM | {"apply_at": LATER, "publish_at": "2020-01-01", "consent_noted_at_0": "2020-01-01"}


def dates():
    return [*Revision.objects.exclude(apply_at=None).values_list("pk", "apply_at", "closed_at", "approved_by")]


@pytest.mark.parametrize("model", CONTENT)
def test_contributor_changes_dates_or_publishes_nothing_that_is_live(world, model):
    row, (open_draft, dated_draft) = world.rows[model], world.drafts[model]
    before, dated, versions = take(row), dates(), Revision.objects.versions().count()
    place = world.at(model, "change", row.pk)
    queries = ["", *(f"revision={found.pk}" for found in (open_draft, dated_draft, world.old[model])), "_popup=1"]
    paths = [*(f"{place}?{query}" for query in queries), place.replace("/change/", "/delete/")]
    data = world.filled(place) | FORCED | {TEXTS[model][0]: WORD, "post": "yes"}
    for path, button in product(paths, BUTTONS):
        with undone():
            answer = visit(world, "C", "POST", path, data | ({button: "1"} if button else {}))
            told = (path, button, answer.status_code)
            assert take(type(row).objects.get(pk=row.pk)) == before, told
            assert (dates(), Revision.objects.versions().count()) == (dated, versions), told
            assert not type(row).objects.filter(**{TEXTS[model][0]: WORD}).exists(), told


@pytest.mark.parametrize("model", ("services_service", "testimonials_testimonial", "pages_page"))
def test_contributor_makes_nothing_of_their_own_public(world, model):
    row, dated = world.hidden[model], dates()
    place = world.at(model, "change", row.pk)
    data = world.filled(place) | FORCED | {TEXTS[model][0]: WORD}
    for path, button in product((place, f"{place}?_popup=1", world.at(model, "add")), BUTTONS):
        more = {"slug": "more"} if "slug" in data and path.endswith("/add/") else {}
        with undone():
            answer = visit(world, "C", "POST", path, data | more | ({button: "1"} if button else {}))
            told = (path, button, answer.status_code)
            made = type(row).objects.filter(**{TEXTS[model][0]: WORD})
            assert not made.exclude(publish_at=None).exists(), told
            assert dates() == dated, told
            if model == "testimonials_testimonial":
                assert not made.exclude(consent_noted_at=None).exists(), told


def rights(user):
    user = User.objects.get(pk=user.pk)
    return user.is_superuser, user.is_staff, user.is_active, user.password, {*user.get_all_permissions()}


MORE_RIGHTS = {
    "is_superuser": "on",
    "is_staff": "on",
    "password": "md5$x$x",
    "user_permissions": ["1", "2"],
    "last_login_0": "2020-01-01",
}


def test_manager_gives_nobody_more_than_a_role(world):
    developers = Group.objects.create(name="Developers")
    developers.permissions.set(Permission.objects.all())
    user = world.rows["auth_user"]
    before = rights(user)
    path = world.at("auth_user", "change", user.pk)
    for groups in ([], [str(developers.pk)]):
        with undone():
            visit(world, "M", "POST", path, world.filled(path) | MORE_RIGHTS | ({"groups": groups} if groups else {}))
            assert rights(user) == before
    data = {"username": "new"} | MORE_RIGHTS
    add = world.at("auth_user", "add")
    assert visit(world, "M", "POST", add, data | {"groups": [str(developers.pk)]}).status_code == 200
    assert not User.objects.filter(username="new").exists()
    assert visit(world, "M", "POST", add, data).status_code == 302
    new = User.objects.get(username="new")
    assert (new.is_superuser, new.get_all_permissions(), new.has_usable_password()) == (False, set(), False)


@pytest.mark.parametrize("letter", ["S", "M"])
def test_manager_changes_neither_a_superusers_login_nor_their_own_rights(world, letter):
    user = world.people[letter]
    before = rights(user)
    path = world.at("auth_user", "change", user.pk)
    roles = [str(pk) for pk in Group.objects.values_list("pk", flat=True)]
    for query in ("", "?_popup=1", "?_to_field=id"):
        data = world.filled(path) | MORE_RIGHTS | {"groups": roles}
        data.pop("is_active", None)
        answer = visit(world, "M", "POST", path + query, data)
        assert answer.status_code == (403 if letter == "S" else 302)
        assert rights(user) == before
    if letter == "S":
        for action, button in (
            ("invitation", "_make"),
            ("no_code", "_turn_off"),
            ("sessions", "end"),
            ("delete", "post"),
        ):
            answer = visit(world, "M", "POST", world.at("auth_user", action, user.pk), {button: "all"})
            assert answer.status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(user.pk)], "post": "yes"}
    visit(world, "M", "POST", world.at("auth_user", "changelist"), chosen)
    assert rights(user) == before


def test_nobody_else_sets_a_hash(world):
    user = world.rows["auth_user"]
    path = world.at("auth_user", "change", user.pk)
    for letter in "MS":
        with undone():
            visit(world, letter, "POST", path, world.filled(path) | {"password": "md5$x$x"})
            assert User.objects.get(pk=user.pk).password == user.password
