"""`python -m tests.bench.scale`: what limits the site first, in half a dozen lines; docs/scale.md reads them."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from statistics import median

from tests.bench.__main__ import slice_of
from tests.bench.candidates import COLLECT, SERVICE, Candidate, Grounds
from tests.bench.processes import used
from tests.pictures.stores import running_store
from tests.prove.pooler import pooled
from tests.prove.postgresql import throwaway_server
from tests.prove.process import Site
from tests.prove.staff import logged_in

TURNS = 5  # of a second each
EDITORS = 4
FORM = "/admin/services/service/{}/change/"
KEY = "from services.models import Service; print(Service.objects.get(slug='muscle-scraping-therapy').pk)"
PICTURE = """
from io import BytesIO
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from pictures.models import Picture
Image.effect_noise((480, 360), 90).save(file := BytesIO(), "JPEG")
print(Picture.objects.create(file=SimpleUploadedFile("a.jpg", file.getvalue()), alt="Some noise").file.url)
"""
HEADINGS = f"{'':<42}{'ms':>8}{'with database':>15}{'a second':>10}"


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
    for _ in range(TURNS + 1):
        for candidate in candidates:
            slices[candidate.name].append(slice_of(candidate)[:3])
    return {name: tuple(map(median, zip(*taken[1:], strict=True))) for name, taken in slices.items()}


def of_forms(grounds, site):
    """(ms of gunicorn, ms of PostgreSQL, saves a second): a form is opened, changed and saved, by four editors."""
    server, key = grounds.serve_site(site), site.shell(KEY)
    path = FORM.format(key)

    def save(numbered):
        number, editor = numbered
        for turn in range(TURNS):
            assert editor.ask(path, editor.form(path) | {"lead": f"Lead {number} {turn}."})[0] == 200

    roots = [root for root in (server.gunicorn, server.database) if root]
    editors = list(enumerate(logged_in(site, server.port, EDITORS)))
    with ThreadPoolExecutor(EDITORS) as pool:
        before, began = [used(root) for root in roots], time.monotonic()
        list(pool.map(save, editors))
        duration = time.monotonic() - began
    spent = [(used(root) - start) / EDITORS / TURNS for root, start in zip(roots, before, strict=True)]
    return (*spent, *[0.0] * (2 - len(roots)), EDITORS * TURNS / duration)


def of_commits(site):
    """(ms, 0, commits a second) of another program that changes a row, with the trigger that notes it."""
    with closing(site.other_program()) as program:
        began, number = time.monotonic(), 0
        while time.monotonic() < began + TURNS:
            number += 1
            program.execute(f"UPDATE pages_clinic SET name = 'Clinic {number}'")
        return 0.0, 0.0, number / (time.monotonic() - began)


def line(name, figures):
    ours, database, per_second = figures
    spent = (f"{ours:.2f}", f"{ours + database:.2f}") if ours else ("", "")
    return f"{name:<42}{spent[0]:>8}{spent[1]:>15}{per_second:>10.0f}"


def main():
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clinic-bench-")))
        server, store = stack.enter_context(throwaway_server()), stack.enter_context(running_store())
        behind = stack.enter_context(pooled(server))
        grounds = Grounds(stack, folder, server, count(1))
        databases = {"SQLite": lambda: "", "PostgreSQL": server.new_database, "PostgreSQL behind PgBouncer": behind}
        made = sites(grounds, databases, store)
        found = of_pages(list(pages(grounds, made)))
        for name in ("SQLite", "PostgreSQL"):
            found[f"a form opened and saved, {name}"] = of_forms(grounds, made[name])
            found[f"a commit of another program, {name}"] = of_commits(made[name])
        print("ms: processor time; with database: and of PostgreSQL's; all with two processes\n", HEADINGS, sep="\n")
        print(*(line(name, figures) for name, figures in found.items()), sep="\n")


if __name__ == "__main__":
    main()
