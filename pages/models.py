import re
from collections.abc import Iterator, Sequence
from datetime import time
from html import unescape
from itertools import accumulate
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.dateformat import time_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django_prose_editor.fields import ProseEditorField, create_sanitizer

from addresses.fields import AddressField
from pagecache.queries import PreparedQuery
from publishing.models import Conflicting, Ordered, Part, Publishable, Stored, too_long
from publishing.phones import PhoneField
from services.links import directions_url, linked_html
from services.text import lines

CLINIC_KEY = UUID("b6f0c8de-3d0c-4b6e-9a61-6f1d3a0e5c01")
# First path segments that the site itself uses.
RESERVED_SLUGS = ("admin", "contact", "draft", "faq", "media", "request", "services", "static", "testimonials")
# Pages of these slugs are shown below the site's own statements at the same address.
STATEMENT_SLUGS = ("accessibility", "privacy")
PROFILES = {
    "bsky.app": "Bluesky",
    "facebook.com": "Facebook",
    "g.page": "Google",
    "healthgrades.com": "Healthgrades",
    "instagram.com": "Instagram",
    "linkedin.com": "LinkedIn",
    "maps.app.goo.gl": "Google Maps",
    "nextdoor.com": "Nextdoor",
    "pinterest.com": "Pinterest",
    "tiktok.com": "TikTok",
    "twitter.com": "X",
    "x.com": "X",
    "yelp.com": "Yelp",
    "youtube.com": "YouTube",
    "zocdoc.com": "Zocdoc",
}
EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Heading": {"levels": [2, 3]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto", "tel"]},
}
sanitized = create_sanitizer(EXTENSIONS)
MOMENT = "F j, Y, P"
LONGEST_BODY = 50_000  # characters, with the markup
DEEPEST_BODY = 30  # elements in elements; each further list in a list has two
TAG = re.compile(r"<(/?)[a-z]")


def depth_of(html: str) -> int:
    """Return how many elements of a sanitized text are in each other, at most."""
    return max(accumulate(-1 if tag[1] else 1 for tag in TAG.finditer(html)), default=0)


def web_addresses(text: str) -> None:
    validate = URLValidator(schemes=["https"], message="Each line must be an address that begins with https://.")
    for line in lines(text):
        validate(line)


class Clinic(Stored):
    parts = ("opening_hours", "hours_exceptions")
    moments = ("notice_until",)
    one_a_line = ("social_links",)
    fields_by_right = {"attend_clinic": ("phone", "notice", "notice_until")}

    name = models.CharField(max_length=120, help_text="As it stands at the head of each page.")
    headline = models.CharField(max_length=120, help_text="The large sentence at the head of the home page.")
    phone = PhoneField(
        "phone (appointments)", blank=True, help_text="Such as (973) 555-0123, or (973) 555-0123 ext. 204."
    )
    fax = PhoneField(blank=True, help_text="Shown on the contact page.")
    email = models.EmailField("e-mail", blank=True, help_text="Shown on the contact page.")
    street = models.CharField(max_length=120, blank=True, help_text="House number and street.")
    city = models.CharField(max_length=80, blank=True, help_text="The town, such as Clifton.")
    state = models.CharField(max_length=2, blank=True, help_text="Two letters, such as NJ.")
    postal_code = models.CharField("ZIP code", max_length=10, blank=True, help_text="Five digits, such as 07012.")
    notice = models.CharField(
        max_length=200, blank=True, help_text="A short notice on every page, such as “Closed today: snow”."
    )
    notice_until = models.DateTimeField(
        null=True, blank=True, help_text="The notice disappears by itself at this time."
    )
    social_links = models.TextField(
        blank=True, validators=[web_addresses], help_text="Addresses of the clinic's profiles elsewhere, one a line."
    )

    class Meta:
        permissions = [
            ("publish_clinic", "Can publish the clinic's details"),
            ("attend_clinic", "Can publish the clinic's telephone, notice, hours and special days"),
        ]
        verbose_name = verbose_name_plural = "clinic"
        constraints = [
            models.CheckConstraint(
                name="clinic_is_one_row",
                condition=Q(id=CLINIC_KEY),
                violation_error_message="There is one clinic.",
            ),
            models.CheckConstraint(
                name="clinic_notice_has_an_end",
                condition=Q(notice="", notice_until=None) | (~Q(notice="") & Q(notice_until__isnull=False)),
                violation_error_code="notice_until",
                violation_error_message="A notice needs both its text and the time until which it is shown.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("contact")

    @classmethod
    def current(cls) -> "Clinic":
        """Return the clinic; before its content is loaded, an unsaved one named by the site's host name."""
        return the_clinic.first() or cls(id=CLINIC_KEY, name=str(urlsplit(settings.SITE_URL).hostname))

    @property
    def has_phone(self) -> bool:
        # The truth value of a number formats it, which takes as long as a small query.
        return self.phone not in ("", None)

    @property
    def live_notice(self) -> str:
        return self.notice if self.notice_until and timezone.now() < self.notice_until else ""

    def without_effect(self) -> str:
        if self.live_notice or not (self.notice and self.notice_until):
            return ""
        return f"Patients do not see the notice: it ended {date_format(timezone.localtime(self.notice_until), MOMENT)}."

    @property
    def town(self) -> str:
        return f"{self.city}, {self.state} {self.postal_code}".strip(" ,")

    @property
    def address(self) -> str:
        return ", ".join(filter(None, [self.street, self.town]))

    @property
    def directions_url(self) -> str:
        return directions_url(self.address)

    @property
    def profiles(self) -> list[tuple[str, str]]:
        hosts = [
            (str(urlsplit(url).hostname).removeprefix("www.").removeprefix("m."), url)
            for url in lines(self.social_links)
        ]
        return [(PROFILES.get(host, host), url) for host, url in hosts]


@PreparedQuery
def the_clinic() -> models.QuerySet[Clinic]:
    return Clinic.objects.all()


MIDNIGHT = time(0)  # as a closing time the end of the day
OPEN_BEFORE_CLOSE = Q(opens__lt=F("closes")) | Q(closes=MIDNIGHT)
OVERLAP = "These hours overlap with others of the same day."


GIVE_BOTH_TIMES = "Give both times, the first earlier than the second, or none for closed."


def overlap(row: Any, other: Any) -> bool:
    pairs = ((row.opens, other.closes), (other.opens, row.closes))
    if None in (*pairs[0], *pairs[1]):  # what lacks a time is refused for that
        return False
    return all(closes == MIDNIGHT or opens < closes for opens, closes in pairs)


class OpeningHours(Part):
    whole = "clinic"

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    clinic = models.ForeignKey(Clinic, models.CASCADE, default=CLINIC_KEY, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday, help_text="The day of the week.")
    opens = models.TimeField(help_text="When it opens.")
    closes = models.TimeField(help_text="When it closes, at midnight at the latest; a day with a pause has two rows.")

    class Meta:
        verbose_name_plural = "opening hours"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="opening_hours_on_a_weekday",
                condition=Q(weekday__gte=0, weekday__lte=6),
                violation_error_code="weekday",
                violation_error_message="Choose a day of the week.",
            ),
            models.CheckConstraint(
                name="opening_hours_open_before_close",
                condition=OPEN_BEFORE_CLOSE,
                violation_error_code="closes",
                violation_error_message="The closing time must be later than the opening time, or midnight.",
            ),
            models.UniqueConstraint(
                name="opening_hours_open_once",
                fields=["clinic", "weekday", "opens"],
                violation_error_code="opens",
                violation_error_message=OVERLAP,
            ),
        ]

    def __str__(self) -> str:
        span = " to ".join(time_format(at, "P") for at in (self.opens, self.closes) if at)  # a draft may lack one
        return f"{self.get_weekday_display()} {span}".strip()

    @classmethod
    def conflicting(cls, rows: Sequence[Self]) -> Iterator[Conflicting]:
        for at, row in enumerate(rows):
            if any(row.weekday == other.weekday and overlap(row, other) for other in rows[:at]):
                yield row, "opens", OVERLAP


class HoursException(Part):
    whole = "clinic"

    clinic = models.ForeignKey(Clinic, models.CASCADE, default=CLINIC_KEY, related_name="hours_exceptions")
    date = models.DateField(help_text="The day that differs, such as a holiday; with a pause it has two rows.")
    opens = models.TimeField(null=True, blank=True, help_text="Empty: closed on that day.")
    closes = models.TimeField(null=True, blank=True, help_text="Empty: closed on that day.")
    note = models.CharField(max_length=80, blank=True, help_text="Why, such as Thanksgiving.")

    class Meta:
        verbose_name = "day with other hours"
        verbose_name_plural = "days with other hours"
        ordering = ["date", "opens"]
        constraints = [
            models.CheckConstraint(
                name="hours_exception_closed_or_open_before_close",
                condition=Q(opens=None, closes=None)
                | Q(Q(opens__isnull=False, closes__isnull=False), OPEN_BEFORE_CLOSE),
                violation_error_code="closes",
                violation_error_message=GIVE_BOTH_TIMES,
            ),
            models.UniqueConstraint(name="hours_exception_open_once", fields=["clinic", "date", "opens"]),
            models.UniqueConstraint(
                name="hours_exception_closed_once", fields=["clinic", "date"], condition=Q(opens=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date or ''} {self.note}".strip()

    @classmethod
    def conflicting(cls, rows: Sequence[Self]) -> Iterator[Conflicting]:
        for at, row in enumerate(rows):
            same_day = [other for other in rows[:at] if other.date == row.date]
            if (row.opens is None) != (row.closes is None):  # of a script, which saves without other checks
                yield row, "closes", GIVE_BOTH_TIMES
            elif same_day and not all(other.opens and row.opens for other in same_day):
                yield row, "date", "This day is already in the list."
            elif any(overlap(row, other) for other in same_day):
                yield row, "opens", OVERLAP

    def without_effect(self) -> str:
        if self.date >= timezone.localdate():
            return ""
        return f"{date_format(self.date, 'F j, Y')} is past: patients do not see its hours."


class Page(Ordered, Publishable):
    title = models.CharField(max_length=120, help_text="The heading of the page.")
    slug = AddressField(
        "address",
        unique=True,
        help_text="The page's address. “privacy” and “accessibility” add this text to the site’s own statements.",
    )
    picture = models.ForeignKey(
        "pictures.Picture",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pages",
        help_text="A picture above the text.",
    )
    body = ProseEditorField("text", extensions=EXTENSIONS, sanitize=True, blank=True, help_text="The text of the page.")
    is_in_footer = models.BooleanField(
        "link at the foot of every page", default=False, help_text="Not needed for privacy and accessibility."
    )

    class Meta:
        permissions = [("publish_page", "Can publish pages")]
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="page_slug_not_reserved",
                condition=~Q(slug__in=RESERVED_SLUGS),
                violation_error_code="slug",
                violation_error_message="The site itself uses this address. Choose another one.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("page", args=[self.slug])

    def fault_of_text(self, name: str, text: str) -> str:
        if name != "body":
            return super().fault_of_text(name, text)
        if fault := too_long(text, LONGEST_BODY):  # before it is sanitized, which takes long if much is nested
            return fault
        is_deep = depth_of(sanitized(text)) > DEEPEST_BODY
        return "Too many lists or styles are within each other. Take some of them apart." if is_deep else ""

    @property
    def plain_text(self) -> str:
        """The body without its markup, for meta descriptions; it must be escaped."""
        return " ".join(unescape(strip_tags(sanitized(self.body).replace("<", " <"))).split())

    @property
    def body_html(self) -> SafeString:
        # Sanitized again: not everything in the database came through the form.
        return linked_html(sanitized(self.body))
