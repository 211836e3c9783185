"""Ten editors have the same form open and send it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.admin.forms import Fields, add_row
from tests.everywhere.walk import SERVICE
from tests.prove.process import free_port, get
from tests.prove.staff import logged_in

LIST = "/admin/services/service/"
QUESTIONS = "/admin/services/faq/"
FIELDS = (
    "title",
    "summary",
    "lead",
    "what_it_is",
    "precautions",
    "benefits-0-text",
    "conditions-1-text",
    "questions-2-answer",
)
OUTCOME = """
from publishing.models import Revision
from services.models import Service
lead = lambda data: data["rows"][f"/{data['pk']}"]["lead"]
print(Service.objects.get().lead, *sorted(lead(draft.data) for draft in Revision.objects.drafts()), sep="|")
"""
TWO_QUESTIONS = """
from services.models import FAQ, Service
services = [Service.objects.get(), Service.objects.create(title="Cupping", slug="cupping")]
questions = [FAQ.objects.create(question="Why?", answer="So.", service=service) for service in services]
print(*(row.pk for row in services + questions))
"""


@pytest.fixture
def editors(site):
    """Ten, at a site with a process for each."""
    port = free_port()
    with site.serving(port, "--workers=10", "--preload"):
        yield logged_in(site, port, 10)


@pytest.fixture
def form(site):
    key = site.shell("from services.models import Service; print(Service.objects.get().pk)")
    return f"{LIST}{key}/change/"


def at_once(editors, paths, typed):
    """The answers to all editors, each of whom opens a form and sends it with what `typed(number, data)` gives.

    Paths: one for all, or a list with one for each.
    """
    ready = Barrier(len(editors))
    paths = [paths] * len(editors) if isinstance(paths, str) else paths

    def edit(number, editor, path):
        data = typed(number, editor.form(path))
        ready.wait(120)
        return editor.ask(path, data)

    with ThreadPoolExecutor(len(editors)) as pool:
        answers = list(pool.map(edit, range(len(editors)), editors, paths))
    assert [status for status, _, _ in answers] == [200] * len(editors)
    return answers


def test_changes_in_ten_places_are_all_live(editors, form):
    def typed(number, data):
        if number < len(FIELDS):
            return data | {FIELDS[number]: f"Change number {number}."}
        add_row(data, "benefits", text=f"Change number {number}.", position="")
        return data

    answers = at_once(editors, form, typed)
    assert {address for _, address, _ in answers} == {f"http://127.0.0.1:{editors[0].port}{LIST}"}
    live = editors[0].form(form).values()
    assert [number for number in range(10) if f"Change number {number}." not in live] == []
    page = get(editors[0].port, SERVICE)[1]
    assert [number for number in range(10) if f"Change number {number}." not in page] == []


def test_of_ten_changes_in_one_place_one_is_live_and_nine_are_drafts(site, editors, form):
    answers = at_once(editors, form, lambda number, data: data | {"lead": f"Lead of editor {number}."})
    kept = [text for _, address, text in answers if "?revision=" in address]
    assert len(kept) == 9
    assert all("changed the same place meanwhile" in text for text in kept)
    live, *drafts = site.shell(OUTCOME).split("|")
    assert sorted([live, *drafts]) == [f"Lead of editor {number}." for number in range(10)]
    assert live in get(editors[0].port, SERVICE)[1]


def test_of_ten_new_services_at_one_address_one_is_made_and_nine_stay_in_their_forms(editors):
    add = f"{LIST}add/"
    answers = at_once(editors, add, lambda number, data: data | {"title": f"New number {number}", "slug": "new"})
    refused = [text for _, address, text in answers if address.endswith(add)]
    assert len(refused) == 9
    assert all("Service with this Address already exists." in text for text in refused)
    assert len({Fields(text).data["title"] for text in refused}) == 9


def test_questions_that_change_places_between_two_services_wait_for_each_other(site, editors):
    keys = site.shell(TWO_QUESTIONS).split()
    services, forms = keys[:2], [f"{QUESTIONS}{key}/change/" for key in keys[2:]]
    for turn in (1, 2, 3, 4):
        answers = at_once(
            editors[:2],
            forms,
            lambda number, data, turn=turn: data | {"service": services[(number + turn) % 2]},
        )
        assert [address for _, address, _ in answers] == [f"http://127.0.0.1:{editors[0].port}{QUESTIONS}"] * 2
