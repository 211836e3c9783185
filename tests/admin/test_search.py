"""Searches in the admin's lists find what is meant, in every list that has a search."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.redirects.models import Redirect

from publishing.staff.searching import FoldedSearch
from services.models import FAQ
from testimonials.models import Testimonial
from tests.admin.rows import address


def found(client, model, typed):
    return [str(row) for row in client.get(address(model, "changelist"), {"q": typed}).context["cl"].result_list]


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("don't", "I don’t sleep: why?"),
        ("nunez", "Who is Dr. Núñez?"),
        ("NAÏVE", "Is this naive?"),
        ("follow‑up", "When is the follow-up?"),
        ('"after a visit"', "What after a visit?"),
        ("visit after", "What after a visit?"),
    ],
)
def test_question_is_found(manager_client, clinic, typed, question):
    FAQ.objects.create(question=question, answer="So.")
    assert question in found(manager_client, "services_faq", typed)


def test_each_word_counts_and_a_phrase_is_one(manager_client, clinic):
    FAQ.objects.create(question="What after a visit?", answer="So.")
    assert found(manager_client, "services_faq", "after elephants") == []
    assert found(manager_client, "services_faq", '"visit after"') == []
    assert found(manager_client, "services_faq", "%_") == []


def test_other_lists_find_alike(manager_client, clinic):
    Testimonial.objects.create(quote="I can’t thank you enough", name="José")
    Redirect.objects.create(site_id=1, old_path="/Café/", new_path="/")
    User.objects.create_user("zoë")
    assert found(manager_client, "testimonials_testimonial", "can't JOSE") == ["José"]
    assert len(found(manager_client, "redirects_redirect", "cafe")) == 1
    assert found(manager_client, "auth_user", "zoe") == ["zoë"]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_every_list_with_a_search_folds(model):
    found = admin.site._registry[model]
    assert not found.search_fields or isinstance(found, FoldedSearch)
