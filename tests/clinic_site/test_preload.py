import shutil
from importlib import import_module

import pytest
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError

from clinic_site.preload import MODULES, load_templates

ABOVE = '{% extends "page.html" %}{% block text %}above {{ block.super }}{% endblock %}'


@pytest.fixture
def folders(tmp_path):
    """A page above another one of the same name, and a file that is no template."""
    for name, text in (("above", ABOVE), ("below", "{% block text %}below{% endblock %}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(text)
    (tmp_path / "below" / "part").mkdir()
    (tmp_path / "below" / "part" / "robots.txt").write_text("all")
    (tmp_path / "below" / "page.html~").write_bytes(b"\xff{% nothing %}")
    return [tmp_path / "above", tmp_path / "below"]


def test_templates_outlive_their_files(folders):
    engine = Engine(dirs=folders)
    load_templates(engine)
    for folder in folders:
        shutil.rmtree(folder)
    assert engine.get_template("page.html").render(Context()) == "above below"
    assert engine.get_template("part/robots.txt").render(Context()) == "all"


def test_template_that_came_after_the_start_is_not_there(folders):
    engine = Engine(dirs=folders)
    load_templates(engine)
    (folders[0] / "other.html").write_text("newer")
    with pytest.raises(TemplateDoesNotExist):
        engine.get_template("other.html")


def test_template_that_is_wrong_is_told_at_the_start(folders):
    (folders[1] / "wrong.html").write_text("{% nothing %}")
    with pytest.raises(TemplateSyntaxError):
        load_templates(Engine(dirs=folders))


def test_while_developing_templates_are_read_anew(folders):
    engine = Engine(dirs=folders, loaders=["django.template.loaders.filesystem.Loader"])
    load_templates(engine)
    (folders[1] / "page.html").write_text("{% block text %}newer{% endblock %}")
    assert engine.get_template("page.html").render(Context()) == "above newer"


@pytest.mark.parametrize("name", MODULES)
def test_each_module_that_is_loaded_at_the_start_is_there(name):
    assert import_module(name)
