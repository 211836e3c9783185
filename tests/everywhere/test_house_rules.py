import re
from pathlib import Path

import pytest
from django.apps import apps

from pagecache.models import ContentVersion
from pages.templatetags.drawings import TEXTS
from publishing.models import Part, Revision
from services.models import FAQ

ROOT = Path(__file__).parents[2]
OWN = ("pagecache", "publishing", "pictures", "services", "testimonials", "pages")
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
CODE = [
    path
    for room in (*OWN, "accounts", "addresses", "backups", "clinic_site", "artwork")
    for path in sorted((ROOT / room).rglob("*.py"))
]
MODELS = [
    model
    for label in OWN
    for model in apps.get_app_config(label).get_models()
    if model not in (Revision, ContentVersion)
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_field_that_staff_meet_has_a_sentence_of_help(model):
    # A part's key to its whole is not a field of its form.
    hidden = {"clinic"} | ({"service"} if issubclass(model, Part) and model is not FAQ else set())
    fields = [field for field in model._meta.fields if field.editable and field.name not in hidden]
    assert [field.name for field in fields if not field.help_text.endswith(".")] == []


def test_what_people_read_is_american():
    british = re.compile(
        r"\b(?:(?:col|fav|behavi|neighb|lab)our|fibre|centre|metre|grey|programme|cheque)|\w+ise\b", re.IGNORECASE
    )
    texts = []
    for path in TEMPLATES:
        html = re.sub(r"\{[#%].*?[#%]\}", "", path.read_text(), flags=re.DOTALL)
        texts += re.findall(r">[^<>]+<", html) + re.findall(r'(?:alt|aria-label|title|content)="[^"]+"', html)
    for field in (field for model in MODELS for field in model._meta.fields):
        texts += [field.help_text, field.verbose_name, *(str(label) for _, label in field.choices or ())]
    found = {word.lower() for text in [*texts, *TEXTS.values()] for word in british.findall(str(text))}
    assert found <= {"otherwise", "precise", "exercise", "advise", "raise", "noise"}


def test_hex_colours_stand_in_the_tokens_alone():
    found = [sheet.name for sheet in SHEETS if re.search(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text())]
    assert found == ["tokens.css"]


def test_important_stands_in_the_later_sheet_and_the_modes_alone():
    assert {sheet.name for sheet in SHEETS if "!important" in sheet.read_text()} <= {"modes.css", "later.css"}


def test_each_component_sheet_is_imported_once():
    imports = re.findall(r'@import "([^"]+)"', (ROOT / "static/css/site.css").read_text())
    names = {str(sheet.relative_to(ROOT / "static/css")) for sheet in SHEETS}
    sheets = names - {"site.css", "admin.css", "order.css", "preview.css", "later.css"}
    assert sorted(imports) == sorted(sheets)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_style_script_or_unescaped_text(path):
    text = path.read_text()
    assert not re.search(r"""\sstyle=|\son\w+=|\|safe\b|autoescape off|javascript:""", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *CODE], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_staff_edit_is_not_written_in_templates_or_code(path):
    text = path.read_text().replace("(973) 555-0123", "")
    for word in ("973", "Bloomfield", "07012", "Clifton Physical", "Plantar", "Rufino"):
        assert word not in text.replace("Plantar Fasciitis.", "").replace("07012.", "")


def test_each_token_is_used():
    css = "".join(sheet.read_text() for sheet in SHEETS)
    tokens = set(re.findall(r"^  (--[\w-]+):", (ROOT / "static/css/tokens.css").read_text(), re.MULTILINE))
    assert {token for token in tokens if f"var({token})" not in css} == set()


def test_each_class_of_the_public_pages_has_a_rule():
    css = "".join(sheet.read_text() for sheet in SHEETS)
    text = "".join(path.read_text() for path in TEMPLATES if "admin" not in path.parts)
    attributes = " ".join(re.findall(r'\b(?:class|css)="([^"]*)"', text))
    names = re.sub(r"\S*{{.*?}}\S*", " ", re.sub(r"{%.*?%}", " ", attributes)).split()
    assert len(names) > 50
    assert {name for name in names if not re.search(rf"\.{name}\b(?!-)", css)} == set()
