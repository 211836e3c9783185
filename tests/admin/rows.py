"""Rows of each model that the staff edit, numbered from 1, and where the staff edit them."""

from django.contrib.auth.models import Group, User
from django.contrib.redirects.models import Redirect
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from pages.models import Page
from pictures.models import Picture
from publishing.revisions.record import record_version
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.pictures.images import quarters, upload


def recorded(obj, author=None):
    """The version of an object as it is now."""
    with transaction.atomic():
        return record_version(type(obj), obj.pk, author)


def service(n):
    return Service.objects.create(title=f"Service {n}", slug=f"service-{n}", publish_at=timezone.now())


def question(n):
    return FAQ.objects.create(service=service(n), question=f"Question {n}?", answer=f"Answer {n}")


def testimonial(n):
    return Testimonial.objects.create(service=service(n), quote=f"Quote {n}", name=f"Name {n}")


def page(n):
    return Page.objects.create(title=f"Page {n}", slug=f"page-{n}", body=f"<p>Body {n}</p>")


def picture(n):
    made = Picture.objects.create(file=upload(quarters()), alt=f"Picture of thing {n}")
    Service.objects.create(title=f"Pictured {n}", slug=f"pictured-{n}", picture=made)
    return made


def redirect(n):
    return Redirect.objects.create(site_id=1, old_path=f"/old-{n}/", new_path="/faq/")


def user(n):
    return User.objects.create_user(f"user-{n}")


def group(n):
    return Group.objects.create(name=f"Group {n}")


MAKERS = {
    "services_service": service,
    "services_faq": question,
    "testimonials_testimonial": testimonial,
    "pages_page": page,
    "pictures_picture": picture,
    "redirects_redirect": redirect,
    "auth_user": user,
    "auth_group": group,
}


def address(model, action, *args):
    """Where staff do `action` ("changelist", "add", "change", "delete", "history") to rows of app_model."""
    return reverse(f"admin:{model}_{action}", args=args)
