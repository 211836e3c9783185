"""What is to appear or to disappear by itself, a moment after one another; `plan` and `set_dates` run in the site."""

from datetime import UTC, datetime, timedelta

from tests.everywhere.walk import SERVICE
from tests.prove.readers import Dated

STEP = 0.3
PAGES = range(12)
DRAFTS = range(3)
DATED = (
    *(Dated(b"Dated page %d" % number, number * STEP) for number in PAGES),
    Dated(b"Dated service", 12 * STEP, "/services/"),
    Dated(b"Dated question", 12 * STEP, "/faq/"),
    Dated(b"Dated patient", 13 * STEP, "/"),
    Dated(b"Dated source", 14 * STEP, SERVICE),
    Dated(b"Dated notice", 15 * STEP, disappears=True),
    Dated(b"Open now", 16 * STEP, "/contact/"),
    *(Dated(b"Dated draft %d" % number, (17 + number) * STEP, "/faq/") for number in DRAFTS),
)


def plan():
    """Make everything, without its date; the draft is of a question, and someone may set its date."""
    from django.contrib.auth import get_user_model
    from django.db import transaction

    from pages.models import Clinic, Page
    from publishing.models import Revision
    from publishing.revisions.record import record_version
    from services.models import FAQ, Service
    from testimonials.models import Testimonial

    for number in PAGES:
        Page.objects.create(title=f"Dated page {number}", slug=f"dated-{number}", is_in_footer=True)
    later = Service.objects.create(title="Dated service", slug="dated")
    FAQ.objects.create(question="Dated question", answer="Yes.", service=later)
    Testimonial.objects.create(quote="A quote.", name="Dated patient", position=0)
    claim = Service.objects.first().claims.first()
    claim.citation = "Dated source"
    claim.save()
    far = datetime.now(UTC) + timedelta(days=1)
    Clinic.objects.update(notice="Dated notice", notice_until=far)
    user = get_user_model().objects.create_superuser("planner")
    for number, question in zip(DRAFTS, FAQ.objects.filter(service=Service.objects.first()), strict=False):
        with transaction.atomic():
            base = record_version(FAQ, question.pk)
        key = f"/{question.pk}"
        rows = base.data["rows"] | {key: base.data["rows"][key] | {"question": f"Dated draft {number}"}}
        kind, data = base.content_type, base.data | {"rows": rows}
        Revision.objects.create(content_type=kind, object_id=question.pk, data=data, base=base, approved_by=user)


def set_dates(start):
    """Set all dates, in one commit; `start` is in seconds since 1970."""
    from django.db import transaction
    from django.utils import timezone

    from pages.models import Clinic, OpeningHours, Page
    from publishing.models import Revision
    from services.models import Claim, Service
    from testimonials.models import Testimonial

    def at(step):
        return datetime.fromtimestamp(start, UTC) + timedelta(seconds=step * STEP)

    with transaction.atomic():
        for number in PAGES:
            Page.objects.filter(slug=f"dated-{number}").update(publish_at=at(number))
        Service.objects.filter(slug="dated").update(publish_at=at(12))
        Testimonial.objects.filter(name="Dated patient").update(publish_at=at(13))
        Claim.objects.filter(citation="Dated source").update(confirmed_at=at(14))
        Clinic.objects.update(notice_until=at(15))
        opens = timezone.localtime(at(16))
        # Until the next noon, also just before midnight.
        hours = {"closes": "23:59:59.999999"}
        OpeningHours.objects.create(weekday=opens.weekday(), opens=opens.time(), **hours)
        OpeningHours.objects.create(weekday=(opens.weekday() + 1) % 7, opens="00:00", closes="00:10")
        for number, draft in enumerate(Revision.objects.drafts().order_by("pk")):
            draft.apply_at = at(17 + number)
            draft.save(update_fields=["apply_at"])
