"""Prepared queries ask the same as the querysets that they are made of."""

from datetime import timedelta

import pytest
from django.db.models import F, SlugField
from django.utils import timezone

from pagecache.content import content_models
from pagecache.queries import NOW, Parameter, PreparedQuery, PreparedRows
from pages.models import Page
from publishing.models import Stored
from services.models import FAQ, Condition, Service

STORED = [model for model in content_models() if issubclass(model, Stored)]
SLUG = Parameter("slug", SlugField())


def test_call_gives_what_the_queryset_would(service):
    asked = PreparedQuery(lambda: Service.objects.filter(slug=SLUG))
    (found,) = asked(slug=service.slug)
    wanted = Service.objects.get()
    assert {field.name: getattr(found, field.name) for field in Service._meta.fields} == {
        field.name: getattr(wanted, field.name) for field in Service._meta.fields
    }
    assert (found._state.adding, found._state.db) == (False, "default")
    assert asked(slug="another") == []
    assert asked.first(slug=service.slug) == service
    assert asked.first(slug="another") is None


def test_query_is_compiled_once_and_run_once_a_call(service, django_assert_num_queries):
    built = []
    asked = PreparedQuery(lambda: built.append(True) or FAQ.objects.all())
    assert not built
    wanted = FAQ.objects.count()
    for _ in range(3):
        with django_assert_num_queries(1):
            assert len(asked()) == wanted
    assert len(built) == 2, "once more to compare"


@pytest.mark.parametrize("live", [Service.objects.live, lambda: FAQ.objects.live(timezone.now())])
def test_moment_that_would_stay_as_it_is_is_refused(db, live):
    with pytest.raises(ValueError, match="must be Parameter"):
        PreparedQuery(live)()


def test_values_of_one_call_are_forgotten_by_the_next(service):
    Service.objects.create(title="Other", slug="other")
    asked = PreparedQuery(lambda: Service.objects.filter(slug=SLUG))
    assert [asked(slug=slug)[0].slug for slug in ("other", service.slug, "other")] == ["other", service.slug, "other"]


def test_value_that_is_missing_is_an_error(db):
    with pytest.raises(KeyError, match="slug"):
        PreparedQuery(lambda: Service.objects.filter(slug=SLUG))()


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "%s", "", "x" * 10_000])
def test_values_are_never_part_of_the_sql(service, hostile):
    assert PreparedQuery(lambda: Service.objects.filter(slug=SLUG))(slug=hostile) == []


def test_now_is_the_moment_of_each_call(service, time_machine):
    asked = PreparedQuery(lambda: Service.objects.live(NOW))
    start = timezone.now()
    Service.objects.update(publish_at=start + timedelta(hours=1))
    assert asked() == []
    assert asked(now=start + timedelta(hours=2)) == [service]
    time_machine.move_to(start + timedelta(hours=2))
    assert asked() == [service]


def test_fields_left_out_are_asked_for_when_wanted(service, django_assert_num_queries):
    (found,) = PreparedQuery(lambda: Service.objects.only("title"))()
    assert found.get_deferred_fields() >= {"slug", "lead"}
    with django_assert_num_queries(1):
        assert found.slug == service.slug


@pytest.mark.parametrize(
    "build",
    [
        lambda: Page.objects.select_related("picture"),
        lambda: Page.objects.annotate(other=F("slug")),
        lambda: Page.objects.only("picture__alt").select_related("picture"),
    ],
)
def test_columns_of_other_tables_are_refused(db, build):
    with pytest.raises(ValueError, match="columns of one table"):
        PreparedQuery(build)()


@pytest.mark.parametrize("model", STORED, ids=lambda model: model.__name__)
def test_every_value_is_what_a_queryset_gives(full_site, model):
    names = [field.attname for field in model._meta.concrete_fields]
    wanted = [[vars(row)[name] for name in names] for row in model.objects.order_by("id")]
    found = [[vars(row)[name] for name in names] for row in PreparedQuery(lambda: model.objects.order_by("id"))()]
    assert wanted
    assert found == wanted
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in wanted]


def test_values_come_as_tuples(service):
    assert PreparedRows(lambda: Service.objects.values_list("slug", "minutes_to"))() == [
        (service.slug, service.minutes_to)
    ]


def test_lists_in_a_field_come_as_lists(service):
    conditions = Condition.objects.order_by("position")
    assert [found.regions for found in PreparedQuery(lambda: conditions)()] == [one.regions for one in conditions]
    assert any(one.regions for one in conditions)
