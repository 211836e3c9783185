"""Every public page."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any, Concatenate
from uuid import UUID

from django.conf import settings
from django.contrib.sitemaps.views import sitemap as stock_sitemap
from django.core.paginator import InvalidPage, Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from addresses.not_found import KEPT
from pagecache.decorators import CachedView, Moment, cached
from pagecache.state import PageState
from pages.context import site
from pages.hours import Timetable
from pages.models import Clinic
from pages.queries import (
    listed_services,
    other_services_on_home,
    page_at,
    parts_of,
    questions_on_home,
    service_at,
    service_on_home,
    testimonials_about,
    testimonials_on_home,
)
from pages.sections import service_sections
from pages.sitemaps import SITEMAPS
from pages.vcard import vcard
from services.body_map import body_map
from services.models import FAQ, Service
from services.ruler import ruler
from testimonials.models import Testimonial

QUESTIONS_PER_PAGE = 20
SERVICES_PER_PAGE = 12
TESTIMONIALS_PER_PAGE = 18
NUMBER = r"[1-9][0-9]{0,3}"
KEY = r"[0-9a-f]{32}"

View = Callable[Concatenate[HttpRequest, PageState, ...], HttpResponseBase]


def public(*moments: Moment, **parameters: str) -> Callable[[View], CachedView[...]]:
    """Declare a public page, as `cached` does; other methods get a 405 and not a CSRF failure."""

    def decorate(view: View) -> CachedView[...]:
        return cached(*moments, **parameters)(csrf_exempt(require_safe(view)))

    return decorate


def next_hours(now: datetime) -> datetime:
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    midnight = timezone.make_aware(datetime.combine(tomorrow, time.min))
    return min(Timetable(Clinic.current()).state(now).until or midnight, midnight)


def parts_shown(service: Service, *names: str) -> dict[str, Any]:
    parts = parts_of(service, *names)
    drawings = {
        "body_map": body_map(parts["conditions"]),
        "ruler": ruler(service.minutes_from, service.minutes_to),
    }
    return parts | drawings


@public()
def home(request: HttpRequest, state: PageState) -> HttpResponse:
    first = service_on_home.first()
    shared, others = site(state), other_services_on_home() if first else []
    # With one service the page tells that one, and names one number: the service's.
    booking_phone = first.booking_phone if first and not others else None
    context = {
        "clinic": shared.clinic,
        "frame": shared.frame(request.path, booking_phone or None),
        "service": first,
        "others": others,
        "questions": questions_on_home(first),
        "testimonials": testimonials_on_home(first),
    }
    if first:
        context |= parts_shown(first, "benefits", "conditions", "steps")
    return render(request, "pages/home.html", context)


@public()
def service(request: HttpRequest, state: PageState, slug: str) -> HttpResponse:
    found = service_at(slug)
    if found is None:
        raise Http404
    shared = site(state)
    context = {
        "clinic": shared.clinic,
        "contact": shared.contact(not found.booking_phone),
        "frame": shared.frame(request.path, found.booking_phone or None),
        "service": found,
        **parts_shown(found, *Service.parts),
        "testimonials": testimonials_about(found),
    }
    return render(request, "pages/service.html", context | {"sections": service_sections(context)})


def listed(
    request: HttpRequest, state: PageState, queryset: "QuerySet[Any]", size: int, wanted: UUID | None = None
) -> dict[str, Any]:
    """Return the page of a list that has the `wanted` row or what a preview shows, or else that of `?page=`.

    Http404 where there is none, or nothing at all.
    """
    key = state.shown.pk if state.shown else wanted
    keys = list(queryset.values_list("pk", flat=True)) if key else []
    number = keys.index(key) // size + 1 if key in keys else request.GET.get("page", 1)
    paginator, counts = Paginator(queryset, size), site(state).counts
    if request.path not in counts:
        counts[request.path] = paginator.count
    paginator.count = counts[request.path]
    try:
        page = paginator.page(number)
    except InvalidPage as error:
        raise Http404 from error
    if not page:
        raise Http404
    return {"page": page, "canonical_query": f"?page={page.number}" if page.number > 1 else ""}


@public(page=NUMBER)
def services(request: HttpRequest, state: PageState) -> HttpResponse:
    return render(request, "pages/services.html", listed(request, state, listed_services(), SERVICES_PER_PAGE))


@public(page=NUMBER)
def testimonials(request: HttpRequest, state: PageState) -> HttpResponse:
    found = Testimonial.objects.live()
    return render(request, "pages/testimonials.html", listed(request, state, found, TESTIMONIALS_PER_PAGE))


@public(page=NUMBER, question=KEY)
def faq(request: HttpRequest, state: PageState) -> HttpResponse:
    wanted = request.GET.get("question")
    opened = UUID(wanted) if wanted and re.fullmatch(KEY, wanted) else None
    # Of a service no more than the page may show: there is one for each question.
    named = [f"service__{name}" for name in ("title", "slug", "position", "schedule_text")]
    found = FAQ.objects.live().select_related("service").only("question", "answer", *named)
    found = found.order_by(F("service__position").asc(nulls_first=True), "service_id", "position", "id")
    context = listed(request, state, found, QUESTIONS_PER_PAGE, opened)
    if wanted is not None and opened not in [question.pk for question in context["page"]]:
        return redirect("faq")
    return render(request, "pages/faq.html", context | {"opened": state.shown.pk if state.shown else opened})


@public(next_hours)
def contact(request: HttpRequest, state: PageState) -> HttpResponse:
    clinic = site(state).clinic
    timetable = Timetable(clinic)
    context = {"clinic": clinic, "timetable": timetable, "state": timetable.state(timezone.now())}
    return render(request, "pages/contact.html", context)


@public()
def clinic_card(request: HttpRequest, state: PageState) -> HttpResponse:
    body = vcard(site(state).clinic, settings.SITE_URL)
    disposition = {"Content-Disposition": 'attachment; filename="clinic.vcf"'}
    return HttpResponse(body, content_type="text/vcard; charset=utf-8", headers=disposition)


@public()
def page(request: HttpRequest, state: PageState, slug: str) -> HttpResponse:
    found = page_at(slug)
    if found is None:
        raise Http404
    return render(request, "pages/page.html", {"page": found})


def statement(slug: str) -> CachedView[...]:
    @public()
    def view(request: HttpRequest, state: PageState) -> HttpResponse:
        context = {
            "clinic": site(state).clinic,
            "page": page_at(slug),
            "staff_session_hours": settings.SESSION_COOKIE_AGE // 3600,
            "not_found_days": KEPT.days if settings.NOT_FOUND_COUNTS else 0,
        }
        return render(request, f"pages/{slug}.html", context)

    return view


privacy = statement("privacy")
accessibility = statement("accessibility")


@public()
def robots(request: HttpRequest, state: PageState) -> HttpResponse:
    return render(request, "pages/robots.txt", content_type="text/plain; charset=utf-8")


@public()
def sitemap(request: HttpRequest, state: PageState) -> HttpResponse:
    return stock_sitemap(request, SITEMAPS)
