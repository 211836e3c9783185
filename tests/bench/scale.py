"""`python -m tests.bench.scale`: what limits the site first, in half a dozen lines; docs/scale.md reads them."""

import tempfile
import time
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from statistics import median

from tests.bench.__main__ import slice_of
from tests.bench.candidates import COLLECT, SERVICE, Candidate, Grounds
from tests.bench.processes import held, used
from tests.pictures.stores import running_store
from tests.prove.pooler import pooled
from tests.prove.postgresql import throwaway_server
from tests.prove.process import Site, free_port, get
from tests.prove.staff import logged_in

TURNS = 5  # of a second each, and saves of a form
COMMITS = 2000
# By what it is: a model that has one row of its kind, and the field that is changed.
FORMS = {
    "a service told in full": ("services.models.Service", "lead"),
    "a testimonial": ("testimonials.models.Testimonial", "quote"),
}
CODE = """
from django.urls import reverse
from django.utils.module_loading import import_string
model = import_string("%s")
print(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[model.objects.first().pk]))
"""
PICTURE = """
from io import BytesIO
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from pictures.models import Picture
Image.effect_noise((480, 360), 90).save(file := BytesIO(), "JPEG")
print(Picture.objects.create(file=SimpleUploadedFile("a.jpg", file.getvalue()), alt="Some noise").file.url)
"""
HEADINGS = f"{'':<48}{'ms':>8}{'with database':>15}{'a second and core':>20}"


def sites(grounds, new_databases, store):
    """{name: site}: on each database, behind a pooler, with a large clinic's rows, with pictures in a store."""
    made = {name: Site(grounds.new_folder(), database()) for name, database in new_databases.items()}
    made["PostgreSQL, many rows"] = Site(grounds.new_folder(), new_databases["PostgreSQL"]())
    made["store"] = Site(grounds.new_folder(), "", store.new_bucket())
    for site in made.values():
        assert site.run("prepare").wait(300) == 0
    made["PostgreSQL, many rows"].shell(COLLECT)
    return made


def pages(grounds, made):
    for name, site in made.items():
        server = grounds.serve_site(site)
        if name in ("SQLite", "store"):
            kept = "store" if name == "store" else "folder"
            yield Candidate(f"a picture from the {kept}", server, site.shell(PICTURE))
        if name != "store":
            yield Candidate(f"a ready-made page, {name}", server, SERVICE)
        if name.startswith("PostgreSQL"):
            yield Candidate(f"a page made anew, {name}", grounds.serve_site(site), SERVICE, True)


def of_pages(candidates):
    slices = {candidate.name: [] for candidate in candidates}
    for candidate in candidates * 4:
        candidate.answer()  # the first of a process takes long
    for _ in range(TURNS + 1):
        for candidate in candidates:
            slices[candidate.name].append(slice_of(candidate)[:2])
    return {name: tuple(map(median, zip(*taken[1:], strict=True))) for name, taken in slices.items()}


def of_forms(grounds, site):
    """{form: (ms of gunicorn, ms of PostgreSQL)}: the longest form and a short one, opened, changed and saved."""
    server = grounds.serve_site(site)
    (editor,), roots = logged_in(site, server.port, 1), [root for root in (server.gunicorn, server.database) if root]
    found = {}
    for name, (path, field) in {
        kind: (site.shell(CODE % model), field) for kind, (model, field) in FORMS.items()
    }.items():
        assert editor.ask(path, editor.form(path))[0] == 200
        before = [used(root) for root in roots]
        for turn in range(TURNS):
            assert editor.ask(path, editor.form(path) | {field: f"Changed {turn}."})[0] == 200
        found[name] = tuple((used(root) - start) / TURNS for root, start in zip(roots, before, strict=True))
    return found


def of_commits(site, server):
    """(0, ms) of another program that changes a row, with the trigger that notes it."""
    with closing(site.other_program()) as program:
        spent = time.process_time if not site.database else lambda: used(server.process.pid) / 1000
        began = spent()
        for number in range(COMMITS):
            program.execute(f"UPDATE pages_clinic SET name = 'Clinic {number}'")
        return 0.0, (spent() - began) * 1000 / COMMITS


def line(name, ours, database=0.0):
    spent = f"{ours:.2f}" if ours else ""
    return f"{name:<48}{spent:>8}{ours + database:>15.2f}{1000 / (ours + database):>20.0f}"


def memory(grounds, site):
    """MB of a site's processes, shared ones counted once, after a visit to each page that patients see first."""
    note, port = grounds.new_folder() / "pid", free_port()
    with site.serving(port, "--workers=1", f"--pid={note}"):
        for path in ("/", SERVICE, "/faq/", "/contact/"):
            assert get(port, path)[0] == 200
        return held(int(note.read_text()))


def main():
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clinic-bench-")))
        server, store = stack.enter_context(throwaway_server()), stack.enter_context(running_store())
        behind = stack.enter_context(pooled(server))
        grounds = Grounds(stack, folder, server, count(1))
        databases = {"SQLite": lambda: "", "PostgreSQL": server.new_database, "PostgreSQL behind PgBouncer": behind}
        made = sites(grounds, databases, store)
        print("ms: processor time, of gunicorn's processes, and with the database's\n", HEADINGS, sep="\n")
        for name, figures in of_pages(list(pages(grounds, made))).items():
            print(line(name, *figures), flush=True)
        for on in ("SQLite", "PostgreSQL"):
            for form, figures in of_forms(grounds, made[on]).items():
                print(line(f"{form} opened and saved, {on}", *figures), flush=True)
            print(line(f"a commit of another program, {on}", *of_commits(made[on], server)))
        for name in ("SQLite", "PostgreSQL", "store"):
            print(f"memory of a site with one process, {name}: {memory(grounds, made[name]):.0f} MB")


if __name__ == "__main__":
    main()
