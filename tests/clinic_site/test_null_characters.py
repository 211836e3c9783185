"""PostgreSQL refuses a null character anywhere, so none may get as far as a database."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CharField, TextField

from publishing.models import Stored
from tests.admin.forms import errors, filled
from tests.admin.rows import MAKERS, address
from tests.everywhere.walk import SERVICE


@pytest.fixture
def database(clinic):
    """The content, in a database that fails where a null character reaches it."""

    def look(execute, sql, params, many, context):
        assert "\\x00" not in repr(params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield


@pytest.mark.parametrize("path", ["/%00/", SERVICE + "%00", "/admin/%00/", "/media/%00.webp", "/draft/%00/"])
def test_nothing_is_found_at_such_an_address(database, manager_client, path):
    assert manager_client.get(path).status_code == 404


def test_nobody_has_such_a_cookie(database, client):
    # A header as it came: http.cookies itself refuses control characters in newer Pythons.
    assert client.get("/admin/", headers={"cookie": "session=a\x00" + "a" * 32}).status_code == 404


@pytest.mark.parametrize("path", ["/testimonials/?page=1%00", "/services/?%00=%00", SERVICE + "?a=%00"])
def test_query_counts_as_if_it_were_not_typed(database, client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("model", MAKERS)
def test_lists_of_staff_look_for_none(database, manager_client, model):
    for field in apps.get_model(*model.split("_"))._meta.concrete_fields:
        answer = manager_client.get(address(model, "changelist") + f"?{field.name}=a%00&q=%00", follow=True)
        assert answer.status_code in (200, 400), field.name


@pytest.mark.parametrize("model", [name for name in MAKERS if name != "auth_user"])
def test_each_text_of_a_form_is_freed_of_one_or_refuses_it(database, manager_client, model):
    kind = apps.get_model(*model.split("_"))
    texts = [
        field.name for field in kind._meta.fields if isinstance(field, CharField | TextField) and not field.choices
    ]
    url = address(model, "add")
    data = filled(manager_client, url)
    typed = {name: "a\x00b" for name in texts if name in data}
    assert typed
    answer = manager_client.post(url, data | typed)
    found = errors(answer) if answer.status_code == 200 else {}
    refused = {name for name in typed if "Null characters are not allowed." in found.get(name, ())}
    assert refused == {*typed} or issubclass(kind, Stored), "what is content may be cleaned instead"
