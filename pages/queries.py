"""What the public pages ask the database."""

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Exists, QuerySet, SlugField, UUIDField

from pagecache.models import ContentVersion
from pagecache.queries import NOW, Parameter, PreparedQuery, PreparedRows
from pages.models import STATEMENT_SLUGS, Page
from pictures.models import Picture
from publishing.models import Part
from services.models import FAQ, Benefit, Claim, Comparison, Condition, Service, SessionStep
from testimonials.models import Testimonial

OTHER_SERVICES_ON_HOME = 6
QUESTIONS_ON_HOME = 3
TESTIMONIALS_ON_SERVICE = 4

Pictured = TypeVar("Pictured", Page, Service)


# For every page


@PreparedRows
def first_service() -> "QuerySet[Service, tuple[str, str]]":
    return Service.objects.live(NOW).values_list("slug", "title")[:1]


@PreparedRows
def are_there_any() -> "QuerySet[ContentVersion, tuple[bool, bool]]":
    return ContentVersion.objects.values_list(Exists(Testimonial.objects.live(NOW)), Exists(FAQ.objects.live(NOW)))


@PreparedRows
def pages_in_footer() -> "QuerySet[Page, tuple[str, str]]":
    found = Page.objects.live(NOW).filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS)
    return found.values_list("slug", "title")


# For one page


@PreparedQuery
def pages_by_slug() -> "QuerySet[Page]":
    return Page.objects.live(NOW).filter(slug=Parameter("slug", SlugField()))


def page_at(slug: str) -> Page | None:
    return with_picture(pages_by_slug.first(slug=slug))


@PreparedQuery
def service_on_home() -> "QuerySet[Service]":
    return Service.objects.live(NOW)[:1]


@PreparedQuery
def other_services_on_home() -> "QuerySet[Service]":
    return listed_services(NOW)[1 : 1 + OTHER_SERVICES_ON_HOME]


def listed_services(now: datetime | Parameter | None = None) -> "QuerySet[Service]":
    return Service.objects.live(now).only("title", "slug", "summary", "drawing", "position")


@PreparedQuery
def general_questions_on_home() -> "QuerySet[FAQ]":
    return FAQ.objects.live(NOW).filter(service=None)[:QUESTIONS_ON_HOME]


@PreparedQuery
def service_questions_on_home() -> "QuerySet[FAQ]":
    return FAQ.objects.live(NOW).filter(service=Parameter("service", UUIDField()))[:QUESTIONS_ON_HOME]


def questions_on_home(service: Service | None) -> list[FAQ]:
    return service_questions_on_home(service=service.pk) if service else general_questions_on_home()


@PreparedQuery
def services_by_slug() -> "QuerySet[Service]":
    return Service.objects.live(NOW).filter(slug=Parameter("slug", SlugField()))


def service_at(slug: str) -> Service | None:
    return with_picture(services_by_slug.first(slug=slug))


@PreparedQuery
def pictures_by_key() -> "QuerySet[Picture]":
    return Picture.objects.filter(pk=Parameter("key", UUIDField()))


def with_picture(found: Pictured | None) -> Pictured | None:
    if found and found.picture_id:
        found.picture = pictures_by_key.first(key=found.picture_id)
    return found


def rows_of_service(part: type[Part]) -> PreparedQuery[Any]:
    return PreparedQuery(lambda: part._default_manager.filter(**{part.whole: Parameter("service", UUIDField())}))


PARTS = {
    "benefits": rows_of_service(Benefit),
    "claims": rows_of_service(Claim),
    "comparisons": rows_of_service(Comparison),
    "conditions": rows_of_service(Condition),
    "steps": rows_of_service(SessionStep),
    "questions": rows_of_service(FAQ),
}


def parts_of(service: Service, *names: str) -> dict[str, list[Any]]:
    return {name: PARTS[name](service=service.pk) for name in names}


@PreparedQuery
def testimonials_of_service() -> "QuerySet[Testimonial]":
    return Testimonial.objects.live(NOW).filter(service=Parameter("service", UUIDField()))[:TESTIMONIALS_ON_SERVICE]


@PreparedQuery
def testimonials_of_clinic() -> "QuerySet[Testimonial]":
    return Testimonial.objects.live(NOW).filter(service=None)[:1]


def testimonials_about(service: Service | None) -> list[Testimonial]:
    own = testimonials_of_service(service=service.pk) if service else []
    return (own + testimonials_of_clinic())[:TESTIMONIALS_ON_SERVICE]


@PreparedQuery
def first_testimonial() -> "QuerySet[Testimonial]":
    return Testimonial.objects.live(NOW)[:1]


def testimonials_on_home(service: Service | None) -> list[Testimonial]:
    return testimonials_about(service)[:1] or first_testimonial()
