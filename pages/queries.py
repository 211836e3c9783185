"""What the public pages ask the database."""

from django.db.models import SlugField, UUIDField

from pages.models import STATEMENT_SLUGS, Page
from publishing.written import NOW, Given, Written
from services.models import FAQ, Service
from testimonials.models import Testimonial

OTHER_SERVICES_ON_HOME = 6
QUESTIONS_ON_HOME = 3
TESTIMONIALS_ON_SERVICE = 4


# For every page


@Written
def first_service():
    return Service.objects.live(NOW).only("title", "slug")[:1]


@Written
def any_testimonial():
    return Testimonial.objects.live(NOW).order_by().values_list("pk")[:1]


@Written
def any_question():
    return FAQ.objects.live(NOW).order_by().values_list("pk")[:1]


@Written
def pages_in_footer():
    return Page.objects.live(NOW).filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS).only("title", "slug")


# For one page


@Written
def page_at():
    return Page.objects.live(NOW).filter(slug=Given("slug", SlugField())).select_related("picture")


@Written
def service_on_home():
    return Service.objects.live(NOW)[:1]


@Written
def other_services_on_home():
    return listed_services(NOW)[1 : 1 + OTHER_SERVICES_ON_HOME]


def listed_services(now=None):
    """The public ones, with what a list shows of each."""
    return Service.objects.live(now).only("title", "slug", "summary", "drawing", "position")


@Written
def general_questions_on_home():
    return FAQ.objects.live(NOW).filter(service=None)[:QUESTIONS_ON_HOME]


@Written
def service_questions_on_home():
    return FAQ.objects.live(NOW).filter(service=Given("service", UUIDField()))[:QUESTIONS_ON_HOME]


def questions_on_home(service):
    """Those of the service, or those of none where there is no service."""
    return service_questions_on_home(service=service.pk) if service else general_questions_on_home()


@Written
def service_at():
    return Service.objects.live(NOW).filter(slug=Given("slug", SlugField())).select_related("picture")


@Written
def testimonials_of_service():
    return Testimonial.objects.live(NOW).filter(service=Given("service", UUIDField()))[:TESTIMONIALS_ON_SERVICE]


@Written
def testimonials_of_clinic():
    return Testimonial.objects.live(NOW).filter(service=None)[:TESTIMONIALS_ON_SERVICE]


def testimonials_about(service):
    """Those that speak of this service, where there is one, and after them those of the clinic as a whole."""
    own = testimonials_of_service(service=service.pk) if service else []
    return (own + testimonials_of_clinic())[:TESTIMONIALS_ON_SERVICE]


@Written
def first_testimonial():
    return Testimonial.objects.live(NOW)[:1]


def testimonials_on_home(service):
    """One of those about the service, where there is any, otherwise the first."""
    return testimonials_about(service)[:1] or first_testimonial()
