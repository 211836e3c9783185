import pytest


@pytest.fixture
def staff_member(db, django_user_model):
    """A member of staff who may log in and nothing else."""
    return django_user_model.objects.create_user("newcomer", is_staff=True)


@pytest.fixture
def staff_client(client, staff_member):
    client.force_login(staff_member)
    return client
