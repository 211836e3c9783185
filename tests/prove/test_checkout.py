"""A newer release is checked out, and prepared, in the folder of a site that is being served."""

import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import django
import pytest
from django.contrib import admin
from django.urls import reverse

from tests.everywhere.walk import ADDRESSES, DOWNLOADS, MISSING, SERVICE
from tests.pictures.images import file_of, quarters
from tests.prove.copies import copy_project
from tests.prove.process import Site, clean_environment, free_port, get, serving
from tests.prove.staff import CSRF, logged_in, picture_form

FILL = """
from pages.models import Clinic
from tests.admin.rows import MAKERS
from tests.everywhere.walk import fill
fill(Clinic.objects.get())
MAKERS["redirects_redirect"](1)
"""
GUNICORN = [sys.executable, "-m", "gunicorn", "--workers=1", "clinic_site.wsgi"]
# What is another at each answer: tokens, the numbers of requests, nonces, times.
VOLATILE = re.compile(
    r'[\w-]{22,}|records: \w{8}|"nonce-[^"]+"|nonce="[^"]*"|\d+:\d\d(?::\d\d)?|\d+\W+(?:second|minute)s?'
)


def prepare(folder, site):
    command = [sys.executable, "manage.py", "prepare", "-v0"]
    subprocess.run(command, cwd=folder, env=clean_environment(**site.environment), check=True)


@pytest.fixture
def copy(tmp_path):
    """The project and Django in a folder of their own, and the site of this folder, with one of everything."""
    folder = copy_project(tmp_path / "copy")
    shutil.copytree(Path(django.__file__).parent, folder / "django", ignore=shutil.ignore_patterns("*.mo", "*.po"))
    site = Site(folder / "data", "")
    prepare(folder, site)
    site.shell(FILL)
    return folder, site


def lists():
    """The addresses of the admin's lists."""
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in admin.site._registry
    ]


def staff_pages(editor):
    """{address: (status, text)} of the admin: of each list, and of each form with what belongs to it."""
    found = {}
    for address in lists():
        found[address] = editor.ask(address)
        changes = re.search(rf'href="({address}[^/"]+/)change/', found[address][2])
        parts = [f"{changes[1]}{part}/" for part in ("change", "history", "delete")] if changes else []
        found |= {path: editor.ask(path) for path in (f"{address}add/", *parts)}
    paths = ("/admin/", "/admin/password_change/", "/admin/no-such/", "/admin/auth/user/add/")
    found |= {path: editor.ask(path) for path in paths}
    return {path: (status, VOLATILE.sub("", text)) for path, (status, _, text) in found.items()}


def faults(site, port):
    """{kind: (status, text)} of the pages that tell a fault."""
    bad_host = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": "bad host"})
    unsafe = urllib.request.Request(f"http://127.0.0.1:{port}/admin/login/", b"username=a&password=b")
    found = {"missing": get(port, MISSING), "host": answer(bad_host), "csrf": answer(unsafe)}
    with closing(site.other_program()) as database:
        database.execute("ALTER TABLE services_faq RENAME TO away")
        found["table"] = get(port, "/faq/?unknown=1")
        database.execute("ALTER TABLE away RENAME TO services_faq")
    return {kind: (status, VOLATILE.sub("", text)) for kind, (status, text) in found.items()}


def answer(request):
    try:
        return 200, urllib.request.urlopen(request, timeout=30).read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def all_pages(site, port, editor):
    public = {path: get(port, path) for path in (*ADDRESSES, *DOWNLOADS, "/admin/login/")}
    public = {path: (status, VOLATILE.sub("", text)) for path, (status, text) in public.items()}
    return public | staff_pages(editor) | faults(site, port)


def test_process_keeps_its_release_when_each_file_of_the_code_is_replaced(copy):
    folder, site = copy
    port = free_port()
    (editor,) = logged_in(site, port, 1)
    with serving(GUNICORN, folder, port, **site.environment):
        before = all_pages(site, port, editor)
    with serving(GUNICORN, folder, port, **site.environment):
        assert get(port, "/static/img/none.svg")[0] == 404
        for path in (path for suffix in ("py", "html", "txt", "xml") for path in folder.rglob(f"*.{suffix}")):
            path.write_text("{% broken ( %}")
        after = all_pages(site, port, editor)
    assert {before[path][0] for path in (*ADDRESSES, *DOWNLOADS, "/admin/login/", *lists())} == {200}
    assert [before[kind][0] for kind in ("missing", "host", "csrf", "table")] == [404, 400, 403, 500]
    assert [path for path in before if after[path] != before[path]] == []


def deeds(editor, picture):
    """What staff send."""
    editor.ask("/admin/login/", {"username": "nobody", "password": "wrong"})
    for address in lists():
        change = re.search(rf'href="({address}[^/"]+/change/)', editor.ask(address)[2])
        if change and (data := editor.form(change[1])):
            editor.ask(change[1], data | {"_save": "1"})
            editor.ask(change[1], data | {"_keep": "1"})
            editor.ask(change[1], data | {"_save": "1", "title": ""})
    headers, body = picture_form(picture)
    headers |= {"Cookie": f"session={editor.key}; csrf={CSRF}"}
    place = f"http://127.0.0.1:{editor.port}/admin/pictures/picture/add/"
    return answer(urllib.request.Request(place, body, headers))


def test_no_module_is_imported_after_the_start(site):
    site.shell(FILL)
    port = free_port()
    (editor,) = logged_in(site, port, 1)
    with site.serving(port, "--workers=1", application="tests.prove.imported:application"):
        all_pages(site, port, editor)
        assert deeds(editor, file_of(quarters()))[0] == 200
        assert get(port, "/imported")[1].split() == []


def assets(port):
    """{address: bytes} of the files that public and staff's pages name."""
    pages = "".join(get(port, path)[1] for path in ("/", SERVICE, "/admin/login/"))
    found = sorted(set(re.findall(r"/static/[\w/.-]+\.\w+", pages)))
    assert len(found) > 5
    return {path: read(port, path) for path in found}


def read(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read()


def test_static_files_of_the_older_release_are_served_when_the_newer_one_is_prepared(copy):
    folder, site = copy
    port = free_port()
    with serving(GUNICORN, folder, port, **site.environment):
        before = assets(port)
        for path in [*(folder / "static").rglob("*.css"), *(folder / "static").rglob("*.js")]:
            path.write_text(path.read_text() + "/* newer */")
        for path in (folder / "static" / "img").rglob("*.svg"):
            if path.name != "icon.svg":  # the newer release has it as well
                path.unlink()
        prepare(folder, site)
        assert {path: read(port, path) for path in before} == before
