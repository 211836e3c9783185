import importlib

import pytest
from django.apps import apps
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.utils import timezone

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
    Redirect.objects.bulk_create(
        [Redirect(site_id=1, old_path=old, new_path="/x/") for old in ("/Old.html", "/OLD.html", "/caf%C3%A9/")]
    )
    migration = importlib.import_module("addresses.migrations.0002_one_spelling")
    migration.lower_slugs(apps, None)
    migration.spell_redirects(apps, None)
    slugs = sorted(Page.objects.values_list("slug", flat=True))
    assert slugs in (["ABOUT-US", "Admin", "about-us"], ["About-Us", "Admin", "about-us"])
    olds = sorted(Redirect.objects.values_list("old_path", flat=True))
    assert olds[1:] == ["/café/", "/old.html"]
    assert olds[0] in ("/OLD.html", "/Old.html")
