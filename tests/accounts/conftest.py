import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db):
    """Make somebody of the staff, with a password and these roles."""

    def make(name, *roles, **fields):
        user = User.objects.create_user(name, password=PASSWORD, is_staff=True, **fields)
        user.groups.set(Group.objects.filter(name__in=roles))
        assert user.groups.count() == len(roles)
        return user

    return make


@pytest.fixture
def dana(person):
    return person("dana", "Publisher", email="dana@example.com")


@pytest.fixture
def signed_in():
    """A client in which somebody is signed in."""

    def make(user):
        client = Client()
        client.force_login(user)
        return client

    return make
