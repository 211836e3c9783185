"""What the public pages ask the database."""

from django.db.models import SlugField, UUIDField

from pagecache.queries import NOW, Parameter, PreparedQuery
from pages.models import STATEMENT_SLUGS, Page
from services.models import FAQ, Service
from testimonials.models import Testimonial

OTHER_SERVICES_ON_HOME = 6
QUESTIONS_ON_HOME = 3
TESTIMONIALS_ON_SERVICE = 4


# For every page


@PreparedQuery
def first_service():
    return Service.objects.live(NOW).only("title", "slug")[:1]


@PreparedQuery
def any_testimonial():
    return Testimonial.objects.live(NOW).order_by().values_list("pk")[:1]


@PreparedQuery
def any_question():
    return FAQ.objects.live(NOW).order_by().values_list("pk")[:1]


@PreparedQuery
def pages_in_footer():
    return Page.objects.live(NOW).filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS).only("title", "slug")


# For one page


@PreparedQuery
def page_at():
    return Page.objects.live(NOW).filter(slug=Parameter("slug", SlugField())).select_related("picture")


@PreparedQuery
def service_on_home():
    return Service.objects.live(NOW)[:1]


@PreparedQuery
def other_services_on_home():
    return listed_services(NOW)[1 : 1 + OTHER_SERVICES_ON_HOME]


def listed_services(now=None):
    """The public ones, with what a list shows of each."""
    return Service.objects.live(now).only("title", "slug", "summary", "drawing", "position")


@PreparedQuery
def general_questions_on_home():
    return FAQ.objects.live(NOW).filter(service=None)[:QUESTIONS_ON_HOME]


@PreparedQuery
def service_questions_on_home():
    return FAQ.objects.live(NOW).filter(service=Parameter("service", UUIDField()))[:QUESTIONS_ON_HOME]


def questions_on_home(service):
    """Those of the service, or those of none where there is no service."""
    return service_questions_on_home(service=service.pk) if service else general_questions_on_home()


@PreparedQuery
def service_at():
    return Service.objects.live(NOW).filter(slug=Parameter("slug", SlugField())).select_related("picture")


@PreparedQuery
def testimonials_of_service():
    return Testimonial.objects.live(NOW).filter(service=Parameter("service", UUIDField()))[:TESTIMONIALS_ON_SERVICE]


@PreparedQuery
def testimonials_of_clinic():
    return Testimonial.objects.live(NOW).filter(service=None)[:TESTIMONIALS_ON_SERVICE]


def testimonials_about(service):
    """Those that speak of this service, where there is one, and after them those of the clinic as a whole."""
    own = testimonials_of_service(service=service.pk) if service else []
    return (own + testimonials_of_clinic())[:TESTIMONIALS_ON_SERVICE]


@PreparedQuery
def first_testimonial():
    return Testimonial.objects.live(NOW)[:1]


def testimonials_on_home(service):
    """One of those about the service, where there is any, otherwise the first."""
    return testimonials_about(service)[:1] or first_testimonial()
