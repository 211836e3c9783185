"""What is stored, published, ordered, or a part of a whole; and the revisions of what has drafts and a history."""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.signing import TimestampSigner
from django.db import models
from django.db.models.fields.json import KT
from django.db.models.signals import post_delete, pre_save
from django.utils import timezone

from addresses.redirects import redirect_after_move
from publishing.text import cleaned, in_one_line, one_a_line, one_point

LONGEST_TEXT = 10_000  # characters of a text whose field names no bound: some five printed pages


def too_long(text: str, longest: int) -> str:
    if len(text) <= longest:
        return ""
    return (
        f"This text has {len(text):,} characters, {len(text) - longest:,} too many."
        f" At most {longest:,} fit here: shorten it, or divide it."
    )


def cleaner_of(field: "models.Field[Any, Any]") -> Callable[[str], str]:
    """Return what each text of this field goes through, whichever way it comes in."""
    has_points, has_lines = field.name in getattr(field.model, "one_a_line", ()), isinstance(field, models.TextField)
    if has_points:
        return one_a_line if has_lines else one_point
    return cleaned if has_lines else in_one_line


def cleaned_value(field: "models.Field[Any, Any]", value: Any) -> Any:
    """Return a value of a snapshot as it would be stored now: it may be older than a rule of cleaning."""
    if isinstance(field, models.CharField | models.TextField) and isinstance(value, str):
        return field.value_to_string(field.model(**{field.attname: cleaner_of(field)(value)}))
    return value


class Stored(models.Model):
    """A row of content, with a key that no one can guess or count by.

    `parts` names the reverse relations whose rows are edited and published with the object; `moments` the fields that
    hold a time at which what patients see changes by itself; `one_a_line` the fields that are a list of points, or one
    point, whose markers are not stored. `fields_by_right` is {permission: own fields} of those who
    may publish some fields of an object, and all of its parts.
    """

    is_content: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ()
    moments: ClassVar[tuple[str, ...]] = ()
    one_a_line: ClassVar[tuple[str, ...]] = ()
    fields_by_right: ClassVar[dict[str, tuple[str, ...]]] = {}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    updated_at = models.DateTimeField("last changed", auto_now=True)

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Report a constraint whose violation_error_code is a field's name beside that field."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            names = {field.name for field in self._meta.fields} - set(exclude or ())
            placed: dict[str, list[ValidationError]] = {}
            for place, items in error.error_dict.items():
                for item in items:
                    placed.setdefault(str(item.code) if item.code in names else place, []).append(item)
            raise ValidationError(placed) from error

    def clean_texts(self) -> None:
        """Clean each text. All ways in call this: forms, `save`, fixtures, and what is loaded from a snapshot."""
        for field in self._meta.fields:
            text = self.__dict__.get(field.attname)
            if isinstance(field, models.CharField | models.TextField) and isinstance(text, str):
                setattr(self, field.attname, cleaner_of(field)(text))

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Report a text beyond its bounds beside its field, before anything works on it; a stored one may stay."""
        self.clean_texts()
        errors: dict[str, list[ValidationError]] = {}
        for field in self._meta.fields:
            text = getattr(self, field.attname)
            if isinstance(field, models.TextField) and field.name not in (exclude or ()) and isinstance(text, str):
                fault = self.fault_of_text(field.name, text)
                if fault and text != self.stored_text(field):
                    errors[field.name] = [ValidationError(fault)]
        try:
            super().clean_fields({*(exclude or ()), *errors})
        except ValidationError as error:
            errors |= error.error_dict
        if errors:
            raise ValidationError(errors)

    def stored_text(self, field: "models.TextField[Any, Any]") -> str | None:
        """Return the text that is stored, cleaned as the new one is: it may be older than a rule of cleaning."""
        stored = type(self)._base_manager.filter(pk=self.pk).values_list(field.name, flat=True).first()
        return stored if stored is None else cleaner_of(field)(stored)

    def fault_of_text(self, name: str, text: str) -> str:
        """Return in words what of a text of no other bound is too much to work on, otherwise an empty text."""
        return too_long(text, LONGEST_TEXT)

    def without_effect(self) -> str:
        """Return in words why what is right here has no effect now, otherwise an empty text."""
        return ""

    def siblings(self) -> models.QuerySet[Any]:
        return type(self)._base_manager.all()

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        for name in cls.parts:
            try:
                model = cls._meta.get_field(name).related_model
            except FieldDoesNotExist:
                model = None
            if not (isinstance(model, type) and issubclass(model, Part)):
                words = f"“{name}” in parts is no relation from a Part."
                found.append(checks.Error(words, obj=cls, id="publishing.E001"))
        if cls._meta.many_to_many:
            found.append(checks.Error("A snapshot holds no many-to-many field.", obj=cls, id="publishing.E002"))
        return found


class PublishableQuerySet(models.QuerySet[Any]):
    def live(self, now: datetime | models.Expression | None = None) -> Self:
        """Filter what patients see at `now`, by default the current time."""
        return self.filter(publish_at__lte=now or timezone.now())


class Publishable(Stored):
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        with redirect_after_move(self):
            super().save(*args, **kwargs)

    @property
    def is_live(self) -> bool:
        return self.publish_at is not None and self.publish_at <= timezone.now()


class Ordered(Stored):
    position = models.PositiveIntegerField(blank=True, help_text="Lower comes first. Empty: at the end.")

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.position is None:
            self.position = (self.siblings().aggregate(last=models.Max("position"))["last"] or 0) + 1
        super().save(*args, **kwargs)


class Part(Stored):
    whole: ClassVar[str]
    settled: ClassVar[tuple[str, ...]] = ()  # the fields that `settle` gives a value

    class Meta:
        abstract = True

    @classmethod
    def whole_model(cls) -> type[Stored]:
        model = cls._meta.get_field(cls.whole).related_model
        if not (isinstance(model, type) and issubclass(model, Stored)):
            raise TypeError(f"{cls.__name__}.{cls.whole} is no foreign key to stored content.")
        return model

    def siblings(self) -> models.QuerySet[Any]:
        key = f"{self.whole}_id"  # not the whole itself: that may be deleted at this moment
        return super().siblings().filter(**{key: getattr(self, key)})

    @classmethod
    def conflicting(cls, rows: Sequence[Any]) -> "Iterator[Conflicting]":
        """Yield (row, field, message) for each of these rows of one whole that conflicts with an earlier one.

        The only place for rules between rows: forms, snapshots and `save` all call it.
        """
        yield from ()

    @classmethod
    def settle(cls, rows: Sequence[Any]) -> None:
        """Give these rows of one whole the values that nobody types; what an earlier row has counts before a later.

        The only place for such values: forms, snapshots and `save` all call it.
        """

    def settle_among_siblings(self, is_fixture: bool = False) -> None:
        """Settle this row; what a fixture gives stays or is refused, as links may lead to it."""
        if is_fixture and all(getattr(self, name) for name in self.settled):
            self.clean_fields({field.name for field in self._meta.fields} - {*self.settled})
        elif self.settled:
            self.settle([*self.siblings().exclude(pk=self.pk), self])

    def check_siblings(self) -> None:
        row = copy(self)
        for field in self._meta.fields:  # a script may have set a text for a time
            setattr(row, field.attname, field.to_python(getattr(self, field.attname)))
        for found, name, message in self.conflicting([*self.siblings().exclude(pk=self.pk), row]):
            if found is row:
                raise ValidationError({name: message})

    @classmethod
    def has_rules(cls) -> bool:
        return has_own(cls, "conflicting")

    def full_clean(self, exclude: Any = None, validate_unique: bool = True, validate_constraints: bool = True) -> None:
        if validate_unique:
            self.settle_among_siblings()
        super().full_clean(exclude, validate_unique, validate_constraints)
        if validate_unique and self.has_rules():
            self.check_siblings()

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Do nothing: the siblings in a form or a draft are not those of the database."""

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Leave out the constraints within one whole, for the same reason."""
        super().validate_constraints({*(exclude or ()), self.whole})


Conflicting = tuple[Part, str, str]


def has_own(model: type[Part], method: str) -> bool:
    return method in vars(model)


def repeated(rows: Sequence[Any], field: str, message: str) -> Iterator[Conflicting]:
    seen = set()
    for row in rows:
        value = getattr(row, field)
        if value in seen:
            yield row, field, message
        seen.add(value)


def check_rules(instance: Any, raw: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """Enforce before a save the rules that no database constraint can express; a place alone may always be saved."""
    if update_fields is not None and set(update_fields) <= {"position"}:
        return
    instance.clean_texts()
    if isinstance(instance, Part):
        instance.settle_among_siblings(is_fixture=raw)
    instance.clean()
    # The rows that a fixture changes later are still the old ones: `loaddata` checks at its end.
    if isinstance(instance, Part) and instance.has_rules() and not raw:
        instance.check_siblings()


def touch_whole(sender: type["Part"], instance: Any, raw: bool, **kwargs: Any) -> None:
    if not raw:
        before = sender._base_manager.filter(pk=instance.pk).values_list(sender.whole, flat=True)
        touch(sender, {getattr(instance, f"{sender.whole}_id"), *(() if instance._state.adding else before)})


def touch_whole_of_deleted(sender: type["Part"], instance: Any, origin: Any, **kwargs: Any) -> None:
    if getattr(origin, "model", type(origin)) is sender:  # not with its whole
        touch(sender, {getattr(instance, f"{sender.whole}_id")})


def touch(part: type["Part"], keys: set[uuid.UUID | None]) -> None:
    wholes = [key for key in keys if key]
    part.whole_model()._base_manager.filter(pk__in=wholes).update(updated_at=timezone.now())


def connect_rules(models_of_content: Iterable[type[models.Model]]) -> None:
    """Have each save of content checked; other models are left alone, as receivers make deletions slow."""
    for model in models_of_content:
        if issubclass(model, Stored):
            pre_save.connect(check_rules, sender=model)
        if issubclass(model, Part):
            pre_save.connect(touch_whole, sender=model)
            post_delete.connect(touch_whole_of_deleted, sender=model)


def stored_conflicts(model: type["Part"]) -> list[str]:
    wholes: dict[uuid.UUID, list[Any]] = {}
    for row in model._base_manager.all():
        wholes.setdefault(getattr(row, f"{model.whole}_id"), []).append(row)
    return [f"{row}: {message}" for rows in wholes.values() for row, _, message in model.conflicting(rows)]


SHARED_FOR = timedelta(days=7)
CLOSED_DRAFTS_FOR = timedelta(days=90)
NAMING_FIELDS = ("title", "name", "question", "other", "text", "quote", "date", "opens")
signer = TimestampSigner(salt="publishing.shared-draft")


def title_of(fields: Mapping[str, object]) -> str:
    return next((str(fields[name]) for name in NAMING_FIELDS if fields.get(name)), "")


def digest_of(data: Mapping[str, Any]) -> str:
    return blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=16).hexdigest()


class RevisionQuerySet(models.QuerySet["Revision"]):
    def of(self, model: type[models.Model], pk: uuid.UUID | str) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(model), object_id=pk)

    def drafts(self) -> Self:
        return self.filter(applied_at=None, closed_at=None)

    def due(self, now: datetime | models.Expression | None = None) -> Self:
        return self.drafts().filter(failed_at=None, apply_at__lte=now or timezone.now())

    def versions(self) -> Self:
        """Filter the versions, the newest of an object first: by number, as a clock may have been wrong."""
        # An older release, while it still serves, gives none to the newest.
        newest_first = models.F("number").desc(nulls_first=True)
        return self.exclude(applied_at=None).order_by(newest_first, "-applied_at", "-pk")

    def closed(self) -> Self:
        return self.filter(applied_at=None).exclude(closed_at=None).order_by("-closed_at", "-pk")

    def was_public(self, model: type[models.Model], pk: uuid.UUID | str) -> bool:
        """Return whether a version of this object was public, or had a date to become so."""
        versions = self.of(model, pk).versions()
        if issubclass(model, Publishable):
            versions = versions.annotate(public_from=KT(f"data__rows__/{pk}__publish_at")).exclude(
                models.Q(public_from=None)  # not isnull, which asks whether there is such a key
            )
        return versions.exists()

    def delete_old_drafts(self) -> None:
        self.closed().filter(closed_at__lt=timezone.now() - CLOSED_DRAFTS_FOR).delete()


class Revision(models.Model):
    """A snapshot of an object: a draft, or a version of the live page where `applied_at` is set.

    `base` is the version that was current when editing began; `number` that of a version among those of its object;
    `successor` is what replaced a draft: a later draft, or
    the version that it became. `data` changes once at most: a dated draft that goes live gets the merged snapshot.
    """

    is_content: ClassVar[bool] = True  # a date that is set or taken changes when pages expire
    moments: ClassVar[tuple[str, ...]] = ("apply_at",)

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.UUIDField()
    data = models.JSONField()
    base = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    apply_at = models.DateTimeField("goes live", null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(null=True)
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

    def __str__(self) -> str:
        return title_of(self.data["rows"].get(f"/{self.data['pk']}", {}))

    @property
    def model(self) -> type[Stored] | None:
        model = self.content_type.model_class()
        return model if model and issubclass(model, Stored) else None

    @property
    def is_draft(self) -> bool:
        return self.applied_at is None and self.closed_at is None

    def close(self, successor: "Revision | None" = None) -> None:
        Revision.objects.drafts().filter(pk=self.pk).update(closed_at=timezone.now(), successor=successor)

    @property
    def latest(self) -> "Revision":
        found = self
        while found.successor:
            found = found.successor
        return found

    @property
    def token(self) -> str:
        return signer.sign(str(self.pk))
