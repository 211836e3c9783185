"""Kept pages, under load: never older than the content, never before or after their time."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.dated import DATED
from tests.prove.process import Site, free_port
from tests.prove.readers import Edits, Moments, ask, made, reading
from tests.prove.staff import logged_in

LIST = "/admin/services/service/"
# How often each way is used, and by whom: each program has a text of its own.
EDITS = {"sql": 90, "update": 40, "bulk_update": 30, "move": 20, "form": 14, "loaddata": 3, "shell": 3}
WAYS = (["sql"], ["move", "form"], ["update", "bulk_update", "shell"], ["loaddata"])
TEXTS = {"sql": "name", "form": "lead", "move": "swap", "loaddata": "quote"}
ANSWERS_FOR_AN_EDIT = 55
MARKED = """
import json
from django.core.serializers import serialize
from pages.models import Clinic
from services.models import FAQ, Service
from testimonials.models import Testimonial
service = Service.objects.get()
Service.objects.update(title="title-0", lead="lead-0.")
Clinic.objects.update(name="name-0")
first, second = service.questions.all()[:2]
FAQ.objects.filter(pk=first.pk).update(question="question-A")
FAQ.objects.filter(pk=second.pk).update(question="question-B")
Testimonial.objects.update(quote="quote-0")
quote = json.loads(serialize("json", Testimonial.objects.all()[:1]))
Testimonial.objects.exclude(pk=quote[0]["pk"]).delete()
print(json.dumps([str(service.pk), str(first.pk), quote]))
"""
SAVED = """
from services.models import Service
service = Service.objects.get()
service.title = "title-%d"
service.save(update_fields=["title"])
"""


class Ways:
    """Every way to edit what patients see, each a method that takes the number of the edit."""

    def __init__(self, site, editor, program, typed):
        self.site, self.editor, self.program, self.typed = site, editor, program, typed
        self.service, self.question, self.quote = json.loads(site.shell(MARKED))
        self.mark = "%s" if site.database else "?"
        typed("from services.models import Service")

    def sql(self, number):
        self.program.execute(f"UPDATE pages_clinic SET name = {self.mark}", [f"name-{number}"])

    def update(self, number):
        self.typed(f"Service.objects.update(title='title-{number}')")

    def bulk_update(self, number):
        self.typed(
            f"s = Service.objects.get(); s.title = 'title-{number}'; Service.objects.bulk_update([s], ['title'])"
        )

    def shell(self, number):
        """One that is opened for this alone."""
        self.site.shell(SAVED % number)

    def loaddata(self, number):
        self.quote[0]["fields"]["quote"] = f"quote-{number}"
        fixture = self.site.data / "quote.json"
        fixture.write_text(json.dumps(self.quote))
        assert self.site.run("loaddata", str(fixture)).wait(120) == 0

    def form(self, number):
        path = f"{LIST}{self.service}/change/"
        address = path
        while path in address:  # kept as a draft, as others edited while the form was being opened
            status, address, _ = self.editor.ask(path, self.editor.form(path) | {"lead": f"lead-{number}."})
        assert (status, address) == (200, f"http://127.0.0.1:{self.editor.port}{LIST}")

    def move(self, number):
        data = {"move": "down:" if number % 2 else "up:"}
        assert self.editor.ask(f"/admin/services/faq/{self.question}/move/", data)[0] == 200


def mixed(*names):
    """The names of these ways, each as often as it is to be used, evenly mixed."""
    return [name for _, name in sorted((turn / EDITS[name], name) for name in names for turn in range(EDITS[name]))]


def name_of(site):
    if "/pooler/" in site.database:
        return "PostgreSQL behind PgBouncer"
    return "PostgreSQL" if site.database else "SQLite"


@pytest.fixture
def port(site):
    """The site behind four processes."""
    port = free_port()
    with site.serving(port, "--workers=4", application="tests.prove.counted"):
        yield port


@pytest.fixture
def ways(site, port):
    with closing(site.other_program()) as program, site.typing() as typed:
        yield Ways(site, logged_in(site, port, 1)[0], program, typed)


@pytest.mark.parametrize("empty_site", ["sqlite", "postgresql", "pooler"], indirect=True)
def test_no_answer_is_older_than_the_last_commit(site, port, ways, capsys):
    edits, turns = Edits("title", *TEXTS.values()), count(1)

    def work(names):
        for name in mixed(*names):
            tally.wait_for(next(turns) * ANSWERS_FOR_AN_EDIT)
            with edits.edit(TEXTS.get(name, "title")) as number:
                getattr(ways, name)(number)

    with reading(port, [SERVICE], edits) as tally, ThreadPoolExecutor(len(WAYS)) as pool:
        list(pool.map(work, WAYS))
        tally.wait_for(10_000)
    answers, pages = tally.answers.value, len(made(site))
    told = f"{answers} answers, {1 - pages / answers:.1%} from the cache, {tally.faults.value} stale"
    with capsys.disabled():
        print(f"\n{name_of(site)}: {told}, {next(turns) - 1} edits")
    assert tally.faults.value == 0, tally.first_faults()
    assert pages <= answers / 10


def test_threads_of_one_process_serve_nothing_old_either(site):
    port, edits = free_port(), Edits("name")
    site.shell("from pages.models import Clinic; Clinic.objects.update(name='name-0')")
    serving = site.serving(port, "--workers=1", "--threads=4", application="tests.prove.counted")
    with serving, closing(site.other_program()) as program, reading(port, ["/", SERVICE], edits) as tally:
        for _ in range(30):
            tally.wait_for(tally.answers.value + ANSWERS_FOR_AN_EDIT)
            with edits.edit("name") as number:
                program.execute(f"UPDATE pages_clinic SET name = 'name-{number}'")
        tally.wait_for(tally.answers.value + ANSWERS_FOR_AN_EDIT)
    assert tally.faults.value == 0, tally.first_faults()
    assert len(made(site)) <= tally.answers.value / 5


def test_dated_content_is_neither_early_nor_late(site, port, capsys):
    moments = Moments(DATED)
    with site.typing() as typed:
        typed(f"from {__package__}.dated import plan, set_dates; plan()")
        with reading(port, ["/", SERVICE, "/services/", "/faq/", "/contact/"], moments) as tally:
            tally.wait_for(400)
            moments.start.value = time.time() + 3
            typed(f"set_dates({moments.start.value!r})")
            moments.committed_at.value = time.time()
            last = moments.start.value + DATED[-1].after
            assert moments.committed_at.value < last - 3
            while time.time() < last:
                time.sleep(0.1)
            tally.wait_for(tally.answers.value + 100)
    with capsys.disabled():
        print(f"\n{name_of(site)}: {tally.answers.value} answers, {tally.faults.value} early or late")
    assert tally.faults.value == 0, tally.first_faults()


def test_truncated_table_is_noticed(postgresql, tmp_path):
    site, port = Site(tmp_path, postgresql.new_database()), free_port()
    assert site.run("prepare").wait(120) == 0
    with site.serving(port, "--workers=4"), closing(site.other_program()) as program:
        assert {ask(port, "/testimonials/")[0] for _ in range(40)} == {200}
        program.execute("TRUNCATE testimonials_testimonial")
        assert {ask(port, "/testimonials/")[0] for _ in range(40)} == {404}


COUNTING = """
CREATE RULE counting AS ON UPDATE TO publishing_contentversion
DO ALSO INSERT INTO public.counted VALUES (now(), NEW.value)
"""


def test_programs_with_few_rights_and_no_search_path_count_too(postgresql, tmp_path):
    site = Site(tmp_path, postgresql.new_database())
    assert site.run("prepare").wait(300) == 0
    with closing(site.other_program()) as program:
        row = "SELECT value FROM public.publishing_contentversion"
        program.execute("CREATE ROLE importer; GRANT SELECT, UPDATE ON pages_clinic TO importer")
        program.execute("CREATE TABLE public.counted AS SELECT now() AS at, value FROM publishing_contentversion")
        program.execute(COUNTING)
        before = program.execute(row).fetchone()
        program.execute("SET search_path = ''; SET ROLE importer")
        program.execute("BEGIN")
        for name in ("One", "Two"):
            program.execute("UPDATE public.pages_clinic SET name = %s", [name])
        program.execute("COMMIT; RESET ROLE")
        assert program.execute(row).fetchone() != before
        assert program.execute("SELECT count(*) FROM public.counted").fetchone() == (2,)
