"""A field that somebody may only read, and that holds nothing, reads as empty."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from pytest_django.asserts import assertContains, assertNotContains

from services.models import FAQ
from testimonials.models import Testimonial
from tests.admin.rows import MAKERS, address

READ = '<div class="readonly">{}</div>'


@pytest.fixture
def contributor(client, db, django_user_model):
    user = django_user_model.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="Contributor"))
    client.force_login(user)
    return client


def read_only(response):
    """What the fields of a form hold that can only be read, by their names."""
    shown = [
        response.context["adminform"],
        *(form for one in response.context["inline_admin_formsets"] for form in one),
    ]
    lines = [line for form in shown for fieldset in form for line in fieldset]
    return {field.field["name"]: str(field.contents()) for line in lines for field in line if field.is_readonly}


def test_new_testimonial_of_a_contributor_is_not_public_and_has_no_consent(contributor):
    answer = contributor.get(address("testimonials_testimonial", "add"))
    shown = read_only(answer)
    assert (shown["publish_at"], shown["consent_noted_at"], shown["state"]) == ("-", "-", "Draft")
    assertContains(answer, READ.format("-"), count=2)
    assertNotContains(answer, "The clinic")


@pytest.mark.parametrize("model", [*MAKERS, "pages_clinic", "auth_user", "auth_group"])
def test_nothing_reads_as_something_to_who_may_only_look(client, full_site, django_user_model, model):
    user = django_user_model.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    kind = next(kind for kind in admin.site._registry if f"{kind._meta.app_label}_{kind._meta.model_name}" == model)
    MAKERS[model](900) if model in MAKERS else None
    for row in kind._base_manager.all():
        shown = read_only(client.get(address(model, "change", row.pk)))
        assert shown
        several = {field.name for field in kind._meta.many_to_many}  # css/admin.css shows an empty one
        for name, text in shown.items():
            assert text.strip() or name in several, name
            field = next((one for one in kind._meta.fields if one.name == name), None)
            if field and getattr(row, name) in field.empty_values:
                assert text == "-", name


def test_lists_go_on_to_say_what_no_service_means(manager_client, db):
    Testimonial.objects.create(quote="Good.", name="A")
    FAQ.objects.create(question="Q?", answer="A")
    assertContains(manager_client.get(address("testimonials_testimonial", "changelist")), ">The clinic</td>")
    assertContains(manager_client.get(address("services_faq", "changelist")), ">General</td>")


def test_no_admin_has_words_of_its_own_for_all_that_is_empty():
    assert {one.get_empty_value_display() for one in admin.site._registry.values()} == {"-"}
