import importlib

import pytest
from django.apps import apps
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.utils import timezone

from addresses.redirects import stored_redirects
from addresses.spelling import address_of
from pages.models import RESERVED_SLUGS, Page
from services.models import Service
from tests.admin.forms import errors, filled
from tests.admin.rows import address

ADD = address("pages_page", "add")


@pytest.mark.parametrize("model", [Page, Service])
def test_address_is_stored_in_small_letters_from_any_program(db, model):
    row = model.objects.create(title="T", slug="About-Us", publish_at=timezone.now())
    assert row.get_absolute_url().endswith("/about-us/")
    model.objects.filter(pk=row.pk).update(slug="About-Them")
    row.refresh_from_db()
    assert row.slug == "about-them"
    with pytest.raises(ValidationError, match="already exists"):
        model(title="T", slug="ABOUT-THEM").full_clean()


@pytest.mark.parametrize("slug", [word.capitalize() for word in RESERVED_SLUGS] + ["ADMIN"])
def test_reserved_word_is_refused_in_any_letters(manager_client, clinic, slug):
    response = manager_client.post(ADD, filled(manager_client, ADD, title="T", slug=slug))
    assert list(errors(response)) == ["slug"]


def test_page_of_a_statement_is_one_in_any_letters(manager_client, clinic, client):
    data = filled(manager_client, ADD, title="T", slug="Privacy", publish_at_0="2020-01-01", publish_at_1="00:00")
    manager_client.post(ADD, data)
    assert Page.objects.get().slug == "privacy"


def test_draft_is_kept_and_saved_in_small_letters(manager_client, clinic):
    place = manager_client.post(ADD, filled(manager_client, ADD, title="T", slug="About-Us", _keep="1"))
    url = place.headers["Location"]
    assert manager_client.post(url, filled(manager_client, url)).status_code == 302
    assert Page.objects.get().slug == "about-us"


@pytest.mark.django_db
def test_migration_lowers_what_is_stored_and_takes_nothing_that_is_taken(monkeypatch):
    first, second, third = (Page.objects.create(title="T", slug=slug) for slug in ("a", "b", "c"))
    monkeypatch.setattr("addresses.fields.AddressField.to_python", lambda self, value: value)
    for row, slug in ((first, "About-Us"), (second, "Admin"), (third, "ABOUT-US")):
        Page.objects.filter(pk=row.pk).update(slug=slug)
    migration = importlib.import_module("addresses.migrations.0002_one_spelling")
    migration.lower_slugs(apps, None)
    slugs = sorted(Page.objects.values_list("slug", flat=True))
    assert slugs in (["ABOUT-US", "Admin", "about-us"], ["About-Us", "Admin", "about-us"])


@pytest.mark.django_db
def test_migration_leaves_of_several_redirects_that_which_visitors_get():
    other = Site.objects.create(domain="other.example", name="Other")
    rows = ["/Old.html", "/OLD.html/", "/caf%C3%A9/", "/b/", "/b", "/c?b=1&a=2", "/c/?a=2&b=1", "/"]
    Redirect.objects.bulk_create([Redirect(site_id=1, old_path=old, new_path=f"/to{old}") for old in rows])
    Redirect.objects.create(site=other, old_path="/b/", new_path="/other/")
    before = {key: row.new_path for key, row in stored_redirects().items()}
    migration = importlib.import_module("addresses.migrations.0002_one_spelling")
    migration.spell_redirects(apps, None)
    found = Redirect.objects.filter(site_id=1)
    assert {row.old_path for row in found} == {"/old.html", "/café/", "/b", "/c/?a=2&b=1", "/"}
    assert {address_of(row.old_path).key: row.new_path for row in found} == before
    assert Redirect.objects.get(site=other).new_path == "/other/"
