import pytest
from django.core.management import CommandError, call_command

from pages.management.commands import load_clinic
from pages.models import CLINIC_KEY, Clinic
from services.models import Benefit, Service
from testimonials.models import Testimonial


def test_content_loads_in_one_step(db):
    call_command("load_clinic", verbosity=0)
    assert Clinic.objects.count() == Service.objects.count() == 1
    assert Benefit.objects.count() == 5
    assert Testimonial.objects.count() == 4
    for model in (Clinic, Service, Testimonial):
        for row in model.objects.all():
            row.full_clean()
    for parts in Service.parts:
        for row in getattr(Service.objects.get(), parts).all():
            row.full_clean()


def test_what_staff_changed_stays(clinic, service):
    Clinic.objects.update(headline="Ours")
    Service.objects.update(title="Renamed")
    Benefit.objects.all().delete()
    call_command("load_clinic", verbosity=0)
    assert Clinic.objects.get().headline == "Ours"
    assert Service.objects.get().title == "Renamed"
    assert not Benefit.objects.exists()


def test_content_of_staff_alone_is_not_touched_either(db):
    Service.objects.create(title="T", slug="muscle-scraping-therapy")
    call_command("load_clinic", verbosity=0)
    assert not Clinic.objects.exists()
    assert Service.objects.get().title == "T"


def test_content_that_fails_half_way_leaves_nothing(db, monkeypatch):
    def fail(*args, **options):
        Clinic.objects.create(id=CLINIC_KEY, name="Half")
        raise CommandError("broken")

    monkeypatch.setattr(load_clinic, "call_command", fail)
    with pytest.raises(CommandError):
        call_command("load_clinic")
    assert not Clinic.objects.exists()
