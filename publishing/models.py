"""The one definition of "public", and what every stored piece of content has in common."""

import uuid
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.signing import TimestampSigner
from django.db import models
from django.db.models.fields.json import KT
from django.utils import timezone

from pagecache.queries import Parameter, PreparedQuery
from publishing.redirects import follow_new_address


class Stored(models.Model):
    """A row with a key that no one can guess or count by.

    `parts` names the reverse relations whose rows belong to the object and are edited and published with it; `moments`
    the fields at whose time what patients see changes by itself.
    """

    is_content = True
    parts: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    updated_at = models.DateTimeField("last changed", auto_now=True)

    class Meta:
        abstract = True

    def validate_constraints(self, exclude=None):
        """As Django's, but a constraint whose violation_error_code is a field's name is reported beside it."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            shown = {field.name for field in self._meta.fields} - set(exclude or ())
            placed: dict[str, list[ValidationError]] = {}
            for place, items in error.error_dict.items():
                for item in items:
                    placed.setdefault(str(item.code) if item.code in shown else place, []).append(item)
            raise ValidationError(placed) from error


class PublishableQuerySet(models.QuerySet):
    def live(self, now=None):
        """What patients see now, or at another moment."""
        return self.filter(publish_at__lte=now or timezone.now())


class Publishable(Stored):
    """Content that is a draft, waits for its date or is public."""

    moments = ("publish_at",)

    publish_at = models.DateTimeField(
        "public from",
        null=True,
        blank=True,
        db_index=True,
        help_text="Empty: a draft that only staff see. A date to come: it becomes public by itself at that time.",
    )

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        with follow_new_address(self):
            super().save(*args, **kwargs)

    @property
    def is_live(self):
        return self.publish_at is not None and self.publish_at <= timezone.now()


class Ordered(models.Model):
    """A row with a place among its siblings; a new one goes to the end."""

    position = models.PositiveIntegerField(blank=True, help_text="Lower comes first. Empty: at the end.")

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.position is None:
            self.position = (self.siblings().aggregate(last=models.Max("position"))["last"] or 0) + 1
        super().save(*args, **kwargs)

    def siblings(self):
        """The rows that this one is ordered among."""
        return type(self)._base_manager.all()


class Part(Ordered, Stored):
    """A row that belongs to a whole, named by `whole`: its foreign key to what it is a part of."""

    whole: str

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def siblings(self):
        key = f"{self.whole}_id"  # not the whole itself: that may be deleted at this moment
        return super().siblings().filter(**{key: getattr(self, key)})

    @classmethod
    def of(cls, whole):
        """The rows of one whole, in order."""
        return cls.rows()(whole=whole.pk)

    @classmethod
    @cache
    def rows(cls):
        return PreparedQuery(lambda: cls._default_manager.filter(**{cls.whole: Parameter("whole", models.UUIDField())}))


SHARED_FOR = timedelta(days=7)
CLOSED_DRAFTS_FOR = timedelta(days=90)
NAMING_FIELDS = ("title", "name", "question", "other", "text", "quote", "date", "opens")
signer = TimestampSigner(salt="publishing.shared-draft")


def title_of(fields):
    """What people know a row by: the first of its naming fields that holds text."""
    return next((fields[name] for name in NAMING_FIELDS if fields.get(name)), "")


class RevisionQuerySet(models.QuerySet):
    def of(self, model, pk):
        """The revisions of one object, which may be deleted or not yet there."""
        return self.filter(content_type=ContentType.objects.get_for_model(model), object_id=pk)

    def drafts(self):
        """What was saved as a draft and is neither live nor closed."""
        return self.filter(applied_at=None, closed_at=None)

    def due(self, now=None):
        """Drafts whose time has come now, or at another moment, and that have not failed."""
        return self.drafts().filter(failed_at=None, apply_at__lte=now or timezone.now())

    def published(self):
        """What was live, the latest first."""
        return self.exclude(applied_at=None).order_by("-applied_at", "-pk")

    def closed(self):
        """Drafts that were discarded, replaced or published, the latest first."""
        return self.filter(applied_at=None).exclude(closed_at=None).order_by("-closed_at", "-pk")

    def was_public(self, model, pk):
        """Whether patients ever saw this object, or are to see it at a set time."""
        versions = self.of(model, pk).published()
        if issubclass(model, Publishable):
            versions = versions.annotate(public_from=KT(f"data__rows__/{pk}__publish_at")).exclude(public_from=None)
        return versions.exists()

    def delete_old_drafts(self):
        """Delete the drafts that were closed more than CLOSED_DRAFTS_FOR ago; what was live is never deleted."""
        self.closed().filter(closed_at__lt=timezone.now() - CLOSED_DRAFTS_FOR).delete()


class Revision(models.Model):
    """A snapshot of an object: a draft until `applied_at` is set, a version of the live page from then on.

    `base` is what was live when editing began; `successor` what replaced a draft: a later draft, or the version that
    it became. `data` never changes.
    """

    is_content = True
    moments = ("apply_at",)

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.UUIDField()
    data = models.JSONField()
    base = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    apply_at = models.DateTimeField("goes live", null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    errors = models.JSONField(default=list)
    successor = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="revision_of_object", fields=["content_type", "object_id", "-applied_at"]),
            models.Index(
                name="revision_due",
                fields=["apply_at"],
                condition=models.Q(applied_at=None, closed_at=None, failed_at=None, apply_at__isnull=False),
            ),
        ]

    def __str__(self):
        return title_of(self.data["rows"].get(f"/{self.data['pk']}", {}))

    @property
    def model(self):
        return self.content_type.model_class()

    @property
    def is_draft(self):
        return self.applied_at is None and self.closed_at is None

    def close(self, successor=None):
        """Close a draft; what was live, or is closed, stays as it is."""
        Revision.objects.drafts().filter(pk=self.pk).update(closed_at=timezone.now(), successor=successor)

    @property
    def latest(self):
        """The last in the row of successors; the revision itself where it has none."""
        found = self
        while found.successor:
            found = found.successor
        return found

    @property
    def token(self):
        """The signed end of the address at which someone without a login sees this draft."""
        return signer.sign(str(self.pk))
