"""The staff's site."""

import pytest
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages.middleware import MessageMiddleware
from django.db import IntegrityError
from django.http import HttpResponse

from clinic_site.admin_site import retry_on_integrity_error


def test_first_call_leaves_no_message_when_a_view_is_retried(rf):
    calls = []

    def view(request):
        calls.append(request)
        messages.success(request, f"Call {len(calls)}")
        if len(calls) == 1:
            raise IntegrityError
        return HttpResponse(" ".join(str(message) for message in messages.get_messages(request)))

    request = rf.get("/admin/")
    request.session = {}
    MessageMiddleware(view).process_request(request)
    assert retry_on_integrity_error(view)(request).content == b"Call 2"


@pytest.mark.parametrize("path", ["r/{}/{}/", "r/{}/0/", "r/x/{}/"])
def test_no_address_redirects_to_the_host_of_the_sites_framework(manager_client, service, path):
    kind = ContentType.objects.get_for_model(service).pk
    assert manager_client.get(f"/admin/{path.format(kind, service.pk)}").status_code == 404
