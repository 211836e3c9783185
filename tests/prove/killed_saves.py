"""Runs in the site's own shell: saves of a form in processes that are killed at any moment."""

import os
import random
import signal
import time

from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.urls import reverse

from publishing.models import Revision
from publishing.revisions.snapshot import take
from services.models import Service
from tests.admin.forms import filled

HOST = {"host": "localhost"}


def kill_saves(times):
    """Kill so many saves; print how many left the old content, and how many the new one, or fail."""
    pk = Service.objects.get().pk
    manager = get_user_model().objects.create_superuser("manager")
    place = reverse("admin:services_service_change", args=[pk])
    begun = time.monotonic()
    save(manager, place, "0")
    duration = time.monotonic() - begun
    shown, left = "0", {"old": 0, "new": 0}
    for number in range(1, times + 1):
        kill_one_save(manager, place, str(number), random.uniform(0, 1.2 * duration))
        found = content(pk)
        assert found in ({shown}, {str(number)}), found
        left["old" if found == {shown} else "new"] += 1
        (shown,) = found
    print(*left.values())


def kill_one_save(manager, place, text, after):
    connections.close_all()
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            save(manager, place, text, lambda: os.write(writer, b"x"))
        finally:
            os._exit(0)
    os.read(reader, 1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)


def save(manager, place, text, before=lambda: None):
    client = Client(headers=HOST)
    client.force_login(manager)
    changed = {"title": text, "lead": text, "benefits-0-text": text, "questions-0-answer": text}
    data = filled(client, place, **changed)
    before()
    assert client.post(place, data).status_code == 302


def content(pk):
    """The texts of the service, of its rows and of its newest version: one, if they are whole."""
    service = Service.objects.get(pk=pk)
    newest = Revision.objects.of(Service, pk).versions().first()
    assert newest.data == take(service)
    return {service.title, service.lead, service.benefits.first().text, service.questions.first().answer}
