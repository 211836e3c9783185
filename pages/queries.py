"""What the public pages ask the database."""

from django.db.models import Exists, SlugField, UUIDField

from pagecache.models import ContentVersion
from pagecache.queries import NOW, Parameter, PreparedQuery, PreparedRows
from pages.models import STATEMENT_SLUGS, Page
from pictures.models import Picture
from services.models import FAQ, Service
from testimonials.models import Testimonial

OTHER_SERVICES_ON_HOME = 6
QUESTIONS_ON_HOME = 3
TESTIMONIALS_ON_SERVICE = 4


# For every page


@PreparedQuery
def first_service():
    return Service.objects.live(NOW).only("title", "slug")[:1]


@PreparedRows
def are_there_any():
    """Whether there are testimonials, and whether there are questions; asked of a table of one row."""
    return ContentVersion.objects.values_list(Exists(Testimonial.objects.live(NOW)), Exists(FAQ.objects.live(NOW)))


@PreparedQuery
def pages_in_footer():
    return Page.objects.live(NOW).filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS).only("title", "slug")


# For one page


@PreparedQuery
def pages_by_slug():
    return Page.objects.live(NOW).filter(slug=Parameter("slug", SlugField()))


def page_at(slug):
    return with_picture(pages_by_slug.first(slug=slug))


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
def services_by_slug():
    return Service.objects.live(NOW).filter(slug=Parameter("slug", SlugField()))


def service_at(slug):
    return with_picture(services_by_slug.first(slug=slug))


@PreparedQuery
def pictures_by_key():
    return Picture.objects.filter(pk=Parameter("key", UUIDField()))


def with_picture(found):
    """Fetch the picture of a page or a service as well, where there is one."""
    if found and found.picture_id:
        found.picture = pictures_by_key.first(key=found.picture_id)
    return found


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
