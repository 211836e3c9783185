"""The one definition of "public", and what every stored piece of content has in common."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from publishing.redirects import follow_new_address


class Stored(models.Model):
    """A row with a key that no one can guess or count by."""

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
    def live(self):
        """What patients see now."""
        return self.filter(publish_at__lte=timezone.now())

    def next_change(self):
        """The moment at which the next of these becomes public by itself, or None."""
        return self.filter(publish_at__gt=timezone.now()).aggregate(moment=models.Min("publish_at"))["moment"]


class Publishable(Stored):
    """Content that is a draft, waits for its date or is public.

    `parts` names the reverse relations whose rows belong to the object and are edited and published with it.
    """

    parts: tuple[str, ...] = ()

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
        return super().siblings().filter(**{self.whole: getattr(self, self.whole)})
