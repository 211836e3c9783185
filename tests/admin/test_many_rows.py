"""What a save and a move ask of the database, however many rows they concern."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from publishing.models import Revision
from publishing.staff.drafts import DraftAdmin
from publishing.staff.forms import RowsFormSet
from services.models import FAQ, Condition, Service
from testimonials.models import Testimonial
from tests.admin.forms import filled
from tests.admin.rows import address

FEW, MANY, A_LOT = 10, 400, 1000  # rows


def asked(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def service_with(count):
    service = Service.objects.create(title=f"With {count}", slug=f"with-{count}", publish_at=timezone.now())
    FAQ.objects.bulk_create(FAQ(service=service, question=f"Q{n}?", answer="A", position=n) for n in range(count))
    Condition.objects.bulk_create(
        Condition(service=service, name=f"C{n}", anchor=f"c{n}", text="T", position=n) for n in range(count)
    )
    return service


def reverse_order(data, prefix):
    count = int(data[f"{prefix}-INITIAL_FORMS"])
    data |= {f"{prefix}-{n}-position": str(count - n) for n in range(count)}


def change_texts(data, prefix):
    data |= {name: "New" for name in data if name.startswith(f"{prefix}-") and name.endswith("-answer")}


@pytest.mark.parametrize("change", [reverse_order, change_texts])
def test_queries_of_a_save_do_not_grow_with_the_questions_it_changes(manager_client, clinic, change):
    counts = []
    for count in (FEW, FEW, MANY):  # the first one fills what is remembered
        service = service_with(count)
        url = address("services_service", "change", service.pk)
        Service.objects.filter(pk=service.pk).update(slug=f"with-{count}-{len(counts)}")
        data = filled(manager_client, url)
        change(data, "questions")
        counts.append(asked(lambda url=url, data=data: manager_client.post(url, data)))
        expected = [f"Q{n}?" for n in range(count)][:: -1 if change is reverse_order else 1]
        assert list(service.questions.values_list("question", flat=True)) == expected
        Service.objects.filter(pk=service.pk).delete()
    assert counts[1] == counts[2]


@pytest.mark.parametrize("model", ["testimonials_testimonial", "services_faq", "services_service"])
@pytest.mark.parametrize(
    ("way", "positions"),
    [("up", "own"), ("up", "equal"), ("top", "own"), ("top", "from 0"), ("end", "own"), ("drag", "own")],
)
def test_queries_of_a_move_do_not_grow_with_the_list(manager_client, db, model, way, positions):
    start = 0 if positions == "from 0" else 1
    make = {
        "testimonials_testimonial": lambda n: Testimonial(quote="Q", name=f"N{n}", position=n + start),
        "services_faq": lambda n: FAQ(question=f"Q{n}?", answer="A", position=n + start),
        "services_service": lambda n: Service(title=f"S{n}", slug=f"s{n}", position=n + start),
    }[model]
    kind = type(make(0))
    counts = []
    for count in (FEW, FEW, A_LOT):  # the first one fills what is remembered
        kind.objects.all().delete()
        kind.objects.bulk_create(map(make, range(count)))
        if positions == "equal":
            kind.objects.update(position=7)
        rows = list(kind.objects.all())
        at = count // 2
        to = {"up": at - 1, "top": 0, "end": count - 1, "drag": 2}[way]
        value = f"up:{rows[to].pk}" if way == "drag" else f"{way}:"
        url = address(model, "move", rows[at].pk)
        counts.append(asked(lambda url=url, value=value: manager_client.post(url, {"move": value})))
        rows.insert(to, rows.pop(at))
        assert list(kind.objects.all()) == rows
    assert counts[1] == counts[2] < 40


def test_move_records_the_rows_that_changed_places_and_their_whole(manager_client, manager, clinic):
    service = service_with(FEW)
    rows = list(service.questions.all())
    manager_client.post(address("services_faq", "move", rows[4].pk), {"move": "up:"})
    recorded = Revision.objects.versions()
    assert set(recorded.values_list("object_id", flat=True)) == {rows[3].pk, rows[4].pk, service.pk}
    assert set(recorded.values_list("author", flat=True)) == {manager.pk}
    places = {f"questions/{row.pk}": row.position for row in service.questions.all()}
    data = recorded.get(object_id=service.pk).data["rows"]
    assert {key: data[key]["position"] for key in places} == places


def test_move_back_builds_on_the_version_of_the_move(manager_client, clinic):
    service, other = Service.objects.get(), service_with(2)
    for way in ("up", "down"):
        manager_client.post(address("services_service", "move", other.pk), {"move": f"{way}:"})
    for row in (service, other):
        newest, before = Revision.objects.of(Service, row.pk).versions()
        assert newest.base == before
        assert len(newest.data["rows"]) == len(before.data["rows"]) > 2


def test_fields_of_all_rows_share_the_keys_they_ask(manager_client, service):
    answer = manager_client.get(reverse("admin:services_service_change", args=[service.pk]))
    for inline in answer.context["inline_admin_formsets"]:
        keys = {id(form.fields["id"].keys) for form in inline.formset.forms}
        assert len(keys) == min(1, len(inline.formset.forms))


@pytest.mark.django_db(transaction=True)
def test_form_is_read_outside_of_the_transaction_in_which_it_is_saved(manager_client, service, monkeypatch):
    seen = []

    def note(owner, name):
        method = getattr(owner, name)

        def noted(self, *args, **kwargs):
            seen.append((name, connection.in_atomic_block))
            return method(self, *args, **kwargs)

        monkeypatch.setattr(owner, name, noted)

    note(RowsFormSet, "clean")
    for name in ("save_related", "log_change", "response_change"):
        note(DraftAdmin, name)
    url = address("services_service", "change", service.pk)
    assert manager_client.post(url, filled(manager_client, url, lead="New.")).status_code == 302
    assert dict(seen) == {"clean": False, "save_related": True, "log_change": True, "response_change": True}
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_nothing_is_saved_where_the_save_fails_at_its_end(manager_client, service, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(DraftAdmin, "log_change", fail)
    manager_client.raise_request_exception = False
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, lead="New.")
    assert manager_client.post(url, data).status_code == 500
    service.refresh_from_db()
    assert service.lead != "New."
    assert not connection.in_atomic_block
    monkeypatch.undo()
    assert manager_client.post(url, data).status_code == 302
