"""The staff's site."""

from django.contrib import messages
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
