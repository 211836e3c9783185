from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain, count
from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.db import models
from django.db.models import Expression, F, Q
from django.db.models.functions import Length, Replace
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator, slugify

from addresses.fields import AddressField
from publishing.models import Ordered, Part, Publishable
from publishing.phones import PhoneField
from services.body import REGIONS
from services.text import numbers

# The ids of sections and landmarks of a service's page, which no condition has.
RESERVED_ANCHORS = (
    "benefits",
    "comparison",
    "conditions",
    "contact",
    "how-it-works",
    "main",
    "precautions",
    "questions",
    "research",
    "schedule",
    "session",
    "testimonials",
    "what-it-is",
)
LONGEST_ANCHOR = 50  # characters
LONGEST_SESSION = 600  # minutes
ONE_POINT_A_LINE = "One point a line. A line may begin with a label and a colon."


class Drawing(models.TextChoices):
    SCRAPING = "scraping", "Knots, a steel tool and calm fibers"
    FIBRES_2 = "print-2", "Fibers, first pattern"
    FIBRES_3 = "print-3", "Fibers, second pattern"
    FIBRES_4 = "print-4", "Fibers, third pattern"
    FIBRES_5 = "print-5", "Fibers, fourth pattern"
    FIBRES_6 = "print-6", "Fibers, fifth pattern"


class Service(Ordered, Publishable):
    parts = ("benefits", "claims", "comparisons", "conditions", "steps", "questions")
    one_a_line = ("alternative_names", "how_points")

    title = models.CharField(max_length=120, help_text="The heading of the page and its name in lists.")
    short_title = models.CharField(
        max_length=60, blank=True, help_text="Where space is short, as in “Massage vs. …”. Empty: the title."
    )
    slug = AddressField(
        "address",
        unique=True,
        help_text="The end of the page's address. If you change it, the old address goes on working.",
    )
    alternative_names = models.TextField(blank=True, help_text="Other names of the same treatment, one a line.")
    summary = models.CharField(
        max_length=200,
        blank=True,
        help_text="One or two sentences for lists and search engines, at most 200 characters.",
    )
    drawing = models.CharField(
        max_length=20, choices=Drawing, blank=True, help_text="The drawing that stands for this service."
    )
    picture = models.ForeignKey(
        "pictures.Picture",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="services",
        help_text="A picture below the head of the page.",
    )
    lead = models.TextField(
        "first paragraph", blank=True, help_text="The first paragraph, in large type beside the title."
    )
    what_it_is = models.TextField(blank=True, help_text="Leave an empty line between two paragraphs.")
    benefits_intro = models.TextField(
        "introduction to the benefits", blank=True, help_text="Leads to the list of benefits."
    )
    research_intro = models.TextField(
        "introduction to the research", blank=True, help_text="Leads to the list of claims."
    )
    how_intro = models.TextField("introduction to how it works", blank=True, help_text="Leads to the points below.")
    how_points = models.TextField("points of how it works", blank=True, help_text=ONE_POINT_A_LINE)
    how_example = models.TextField("example", blank=True, help_text="An example, set apart from the text.")
    comparison_intro = models.TextField(
        "introduction to the comparisons", blank=True, help_text="Leads to the comparisons."
    )
    conditions_intro = models.TextField(
        "introduction to the conditions", blank=True, help_text="Leads to the list of conditions."
    )
    session_intro = models.TextField(
        "introduction to a session", blank=True, help_text="What a patient may expect of a session."
    )
    session_length_text = models.TextField(
        "length of a session",
        blank=True,
        help_text="How long a session lasts, in words. It must name both numbers of minutes below.",
    )
    minutes_from = models.PositiveSmallIntegerField(
        "shortest session in minutes", null=True, blank=True, help_text="For the drawing of the session's length."
    )
    minutes_to = models.PositiveSmallIntegerField(
        "longest session in minutes", null=True, blank=True, help_text="For the drawing of the session's length."
    )
    steps_intro = models.TextField(
        "introduction to the steps", blank=True, help_text="Leads to the steps of a session."
    )
    schedule_text = models.TextField(
        "call to schedule",
        blank=True,
        help_text="The call to schedule. Write {phone} once, where the booking number belongs.",
    )
    booking_phone = PhoneField(
        blank=True, help_text="The number for this service, such as (973) 555-0123; shown where {phone} stands."
    )
    precautions = models.TextField(blank=True, help_text="What patients should tell the therapist first.")

    class Meta:
        permissions = [("publish_service", "Can publish services")]
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="service_minutes_both_and_in_order",
                condition=Q(minutes_from=None, minutes_to=None)
                | Q(minutes_from__isnull=False, minutes_to__isnull=False)
                & Q(minutes_from__gte=1, minutes_to__gte=F("minutes_from")),
                violation_error_code="minutes_to",
                violation_error_message="Give both numbers of minutes or none; the first may not exceed the second.",
            ),
            models.CheckConstraint(
                name="service_minutes_at_most_600",
                condition=Q(minutes_to=None) | Q(minutes_to__lte=LONGEST_SESSION),
                violation_error_code="minutes_to",
                violation_error_message=f"A session has at most {LONGEST_SESSION} minutes.",
            ),
            models.CheckConstraint(
                name="service_schedule_text_names_phone_once",
                condition=Q(schedule_text="")
                | Q(Exact(Length("schedule_text") - Length(Replace("schedule_text", models.Value("{phone}"))), 7)),
                violation_error_code="schedule_text",
                violation_error_message="The text to schedule must hold {phone} exactly once.",
            ),
            models.CheckConstraint(
                name="service_schedule_text_has_a_phone",
                condition=Q(schedule_text="") | ~Q(booking_phone=""),
                violation_error_code="booking_phone",
                violation_error_message="The text to schedule needs a booking phone.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("service", args=[self.slug])

    def clean(self) -> None:
        in_text = numbers(self.session_length_text)
        missing = [str(n) for n in (self.minutes_from, self.minutes_to) if n is not None and n not in in_text]
        if missing:
            raise ValidationError({"session_length_text": f"This text must name {' and '.join(missing)} minutes."})

    @property
    def short_name(self) -> str:
        return self.short_title or self.title

    @property
    def schedule_parts(self) -> list[str]:
        return self.schedule_text.split("{phone}")


class Benefit(Ordered, Part):
    whole = "service"
    one_a_line = ("text",)

    service = models.ForeignKey(Service, models.CASCADE, related_name="benefits")
    text = models.TextField(help_text="One benefit, as a sentence.")

    def __str__(self) -> str:
        return self.text

    def fault_of_text(self, name: str, text: str) -> str:
        count = text.count("\n") + 1
        return super().fault_of_text(name, text) or (
            f"These are {count} lines: each benefit has a row of its own. Divide them, or write one sentence."
            if count > 1
            else ""
        )


class Claim(Ordered, Part):
    whole = "service"
    moments = ("confirmed_at",)

    service = models.ForeignKey(Service, models.CASCADE, related_name="claims")
    text = models.TextField(help_text="What the research shows; its year is taken from this sentence.")
    citation = models.CharField(max_length=300, blank=True, help_text="Authors, journal, year and pages of the source.")
    url = models.URLField("link to the source", blank=True, help_text="Patients see it once it is confirmed.")
    confirmed_at = models.DateTimeField(
        "source confirmed", null=True, blank=True, help_text="When someone made sure that this is the source meant."
    )

    class Meta(Ordered.Meta):
        constraints = [
            models.CheckConstraint(
                name="claim_confirmed_only_with_citation",
                condition=Q(confirmed_at=None) | ~Q(citation=""),
                violation_error_code="citation",
                violation_error_message="Only a claim with a citation can be confirmed.",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def without_effect(self) -> str:
        if not self.url or self.is_confirmed:
            return ""
        claim = Truncator(self).words(8)
        return f"Patients do not see the link of “{claim}” before “Source confirmed” has a date that is past."

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.confirmed_at <= timezone.now()


class Comparison(Ordered, Part):
    class Drawing(models.TextChoices):
        MASSAGE = "massage", "Hands knead"
        GUA_SHA = "guasha", "Gentle strokes"
        FOAM_ROLLING = "foam", "A broad roller"

    whole = "service"

    service = models.ForeignKey(Service, models.CASCADE, related_name="comparisons")
    other = models.CharField("compared with", max_length=60, help_text="The other technique, such as Massage.")
    other_text = models.TextField("the other technique", help_text="How the other technique works.")
    own_text = models.TextField(
        "this service",
        help_text="How this service differs. If it goes on with the other text’s sentence, both are shown as one.",
    )
    drawing = models.CharField(
        max_length=20, choices=Drawing, blank=True, help_text="A drawing of the other technique's pressure."
    )

    def __str__(self) -> str:
        return self.other

    @property
    def sentence(self) -> str:
        """Both texts as one where the second goes on with the first's sentence, otherwise an empty text."""
        first, second = self.other_text.strip(), self.own_text.strip()
        goes_on = first.endswith((",", ";", "—", "–")) or (not first.endswith((".", "!", "?")) and second[:1].islower())
        return f"{first} {second}" if goes_on else ""


def known_regions(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(region, str) for region in value):
        raise ValidationError("Regions are a list of names.")
    if len(set(value)) < len(value):
        raise ValidationError("Name each region once.")
    if unknown := sorted(set(value) - set(REGIONS)):
        raise ValidationError(f"The body map has no region {', '.join(unknown)}.")


def free_anchor(name: str, taken: Collection[str]) -> str:
    first = slugify(name)[:LONGEST_ANCHOR].strip("-_") or "condition"
    others = (f"{first[: LONGEST_ANCHOR - 8]}-{number}" for number in count(2))
    return next(anchor for anchor in chain([first], others) if anchor not in taken)


class Condition(Ordered, Part):
    whole = "service"
    settled = ("anchor",)
    one_a_line = ("name",)

    service = models.ForeignKey(Service, models.CASCADE, related_name="conditions")
    name = models.CharField(max_length=80, help_text="The condition, such as Plantar Fasciitis.")
    anchor = models.SlugField(blank=True, editable=False, help_text="The end of a link straight to this condition.")
    text = models.TextField(help_text="What the service does for it.")
    regions = models.JSONField(
        default=list, blank=True, validators=[known_regions], help_text="Where the body map marks it."
    )

    class Meta(Ordered.Meta):
        constraints = [
            models.UniqueConstraint(
                name="condition_anchor_once_in_service",
                fields=["service", "anchor"],
                violation_error_code="anchor",
                violation_error_message="Another condition of this service has this anchor.",
            ),
            models.CheckConstraint(
                name="condition_anchor_not_a_section",
                condition=~Q(anchor__in=RESERVED_ANCHORS),
                violation_error_code="anchor",
                violation_error_message="A section of the page has this anchor.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def settle(cls, rows: Sequence[Self]) -> None:
        """Make an anchor of the name where there is none that works; one that works stays if the name changes."""
        taken = set(RESERVED_ANCHORS)
        for row in rows:
            if row.anchor in taken or not slug_re.fullmatch(row.anchor) or len(row.anchor) > LONGEST_ANCHOR:
                row.anchor = free_anchor(row.name, taken | {other.anchor for other in rows})
            taken.add(row.anchor)


class SessionStep(Ordered, Part):
    whole = "service"
    one_a_line = ("title", "points")

    service = models.ForeignKey(Service, models.CASCADE, related_name="steps")
    title = models.CharField(max_length=120, help_text="The step, without its number.")
    intro = models.TextField("introduction", blank=True, help_text="Leads to the points.")
    points = models.TextField(blank=True, help_text=ONE_POINT_A_LINE)
    closing = models.TextField(blank=True, help_text="Stands after the points.")

    def __str__(self) -> str:
        return self.title


class FAQQuerySet(models.QuerySet):
    def live(self, now: datetime | Expression | None = None) -> Self:
        """Return general questions, and those of services that are public at this time (default: now)."""
        return self.filter(Q(service=None) | Q(service__in=Service.objects.live(now)))


class FAQ(Ordered, Part):
    whole = "service"
    one_a_line = ("question",)

    service = models.ForeignKey(
        Service,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="questions",
        help_text="Empty: a general question, public at once. Otherwise it is public when its service is.",
    )
    question = models.CharField(max_length=200, help_text="As a patient would ask it.")
    answer = models.TextField(help_text="Leave an empty line between two paragraphs.")

    objects = FAQQuerySet.as_manager()

    class Meta(Ordered.Meta):
        verbose_name = "question"
        permissions = [("publish_faq", "Can publish questions")]

    def __str__(self) -> str:
        return self.question

    @property
    def anchor(self) -> str:
        return f"q-{self.pk.hex}"

    def get_absolute_url(self) -> str:
        return f"{reverse('faq')}?question={self.pk.hex}#{self.anchor}"
