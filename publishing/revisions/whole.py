"""An object and its parts in memory, made from a snapshot: shown in forms, checked, and saved.

They may violate constraints of the database, so that a draft opens whatever became of the live page.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import UniqueConstraint
from django.utils import timezone
from django.utils.text import capfirst

from publishing.models import Ordered, Part, Stored
from publishing.revisions.snapshot import (
    Fields,
    Rows,
    Snapshot,
    field_of,
    locked,
    model_of,
    own_fields,
    part_models,
    take,
)


class Fault(NamedTuple):
    """A reason why a row cannot be saved; `name` is that of a field, or empty where it concerns several."""

    row: Stored
    name: str
    message: str

    def __str__(self) -> str:
        target = field_of(type(self.row), self.name)
        label = f"{capfirst(target.verbose_name)}: " if target else ""
        of_part = f"{capfirst(self.row._meta.verbose_name)} “{self.row}”: " if isinstance(self.row, Part) else ""
        return f"{of_part}{label}{self.message}"


@dataclass
class Whole:
    """An object with the rows of each of its parts, in order.

    `stored` has the rows that the database has of it, none if it does not exist; `changed` is {key: row} of the rows
    that are not stored as they are here; `moved` has the keys of those that have another place and nothing else, and so
    may be older than a rule, as unchanged ones may. `lost` has a fault for each value of the snapshot that no row can
    hold any more, such as the key of a picture that was deleted.
    """

    obj: Stored
    stored: Rows
    parts: dict[str, list[Part]]
    changed: dict[str, Stored] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    lost: list[Fault] = field(default_factory=list)

    @property
    def rewritten(self) -> set[str]:
        return set(self.changed) - self.moved

    @classmethod
    def of(cls, snapshot: Snapshot, stored: Rows) -> "Whole":
        """Make the whole from a snapshot; a field that the snapshot does not have yet is taken from `stored`."""
        model = model_of(snapshot)
        whole = cls(model(id=UUID(snapshot["pk"])), stored, {name: [] for name in model.parts})
        models_of_parts = part_models(model)
        whole.fill(f"/{whole.obj.pk}", whole.obj, own_fields(snapshot))
        for key, fields in snapshot["rows"].items():
            name, pk = key.split("/")
            if name in models_of_parts:  # the model may have had others once
                row = models_of_parts[name](id=UUID(pk))
                setattr(row, f"{row.whole}_id", whole.obj.pk)
                whole.parts[name].append(row)
                whole.fill(key, row, fields)
        for name, rows in whole.parts.items():
            rows.sort(key=place_of)
            first = sorted(
                rows, key=lambda row: (f"{name}/{row.pk}" in whole.changed, f"{name}/{row.pk}" not in stored)
            )
            models_of_parts[name].settle(first)
        return whole

    def fill(self, key: str, row: Stored, fields: Fields) -> None:
        before = self.stored.get(key, {})
        fields = before | fields
        row._state.adding = False  # so that validation does not report its own key as taken
        if fields != self.stored.get(key):
            self.changed[key] = row
        if before and {name for name in fields if fields[name] != before.get(name)} == {"position"}:
            self.moved.add(key)
        for target in row._meta.fields:
            if target.name not in fields:
                continue
            value = fields[target.name]
            try:
                made = target.to_python(value)
                if value is not None and target.many_to_one:
                    target.validate(made, row)
            except ValidationError:
                self.changed[key] = row
                self.lost.append(Fault(row, target.name, "What was chosen here no longer exists."))
                made = None if target.null else target.get_default()
            setattr(row, target.attname, made)
        if key in self.rewritten:
            row.clean_texts()

    def faults(self) -> list[Fault]:
        """Return why the changed rows cannot be saved; faults of unchanged rows are not reported."""
        found = list(self.lost)
        known = {(fault.row.pk, fault.name) for fault in found}
        for key, row in self.changed.items():
            faults_of_row = own_faults(row, ["position"] if key in self.moved else None)
            found += [fault for fault in faults_of_row if (row.pk, fault.name) not in known]
        faulty = {fault.row.pk for fault in found}
        for name, rows in self.parts.items():
            sound = [row for row in rows if row.pk not in faulty]
            found += conflicts_among(sound, {row.pk for row in sound if f"{name}/{row.pk}" in self.rewritten})
        return found


def place_of(row: Part) -> tuple[tuple[bool, Any], ...]:
    values = [getattr(row, str(name)) for name in row._meta.ordering or () if name != "id"]
    return tuple((value is None, value) for value in values)


def own_faults(row: Stored, only: Collection[str] | None = None) -> Iterator[Fault]:
    """Yield the faults of a row, or of the values of `only` these fields."""
    exclude = {row.whole} if isinstance(row, Part) else None
    try:
        if only is None:
            row.full_clean(exclude=exclude, validate_unique=exclude is None)
        else:
            row.clean_fields({one.name for one in row._meta.fields} - {*only})
    except ValidationError as error:
        fields = {one.name for one in row._meta.fields}
        for name, messages in error.message_dict.items():
            yield from (Fault(row, name if name in fields else "", message) for message in messages)


def conflicts_among(rows: list[Part], changed: set[UUID]) -> list[Fault]:
    if not rows:
        return []
    unchanged_first = sorted(rows, key=lambda row: (row.pk in changed, place_of(row)))
    return [Fault(*found) for found in type(rows[0]).conflicting(unchanged_first) if found[0].pk in changed]


def moved_away(snapshot: Snapshot, stored: Rows) -> dict[str, str]:
    found = {}
    for name, model in part_models(model_of(snapshot)).items():
        new = [key.split("/")[1] for key in snapshot["rows"] if key.startswith(f"{name}/") and key not in stored]
        for row in model._base_manager.filter(pk__in=new):
            found[f"{name}/{row.pk}"] = f"{capfirst(model._meta.verbose_name)} “{row}”"
    return found


def load(snapshot: Snapshot) -> None:
    """Make the database equal to the snapshot; a part that moved to another whole stays there. Needs a transaction.

    Raises ValidationError, with a sentence for each fault, and saves nothing if a row cannot be saved.
    """
    model = model_of(snapshot)
    obj = locked(model, snapshot["pk"])
    stored = take(obj)["rows"] if obj else {}
    moved = moved_away(snapshot, stored)
    rows = {key: fields for key, fields in snapshot["rows"].items() if key not in moved}
    whole = Whole.of({"model": snapshot["model"], "pk": snapshot["pk"], "rows": rows}, stored)
    if faults := whole.faults():
        raise ValidationError([str(fault) for fault in faults])
    delete_rows(model, set(stored) - set(rows), set(stored) & whole.rewritten)
    save_rows(whole)


def delete_rows(model: type[Stored], unwanted: set[str], changed: set[str]) -> None:
    """Delete the unwanted parts, and the changed ones that could conflict.

    Two rows may swap values that must be unique, so both are deleted before they are inserted again.
    """
    for name, part in part_models(model).items():
        is_unique = any(isinstance(rule, UniqueConstraint) for rule in part._meta.constraints)
        of_part = unwanted | (changed if is_unique or part.has_rules() else set())
        keys = [key.split("/")[1] for key in of_part if key.startswith(f"{name}/")]
        if keys:
            part._base_manager.filter(pk__in=keys).delete()


def save_rows(whole: Whole) -> None:
    """Save what changed: of each part all rows at once, which `faults` has checked."""
    own = whole.changed.get(f"/{whole.obj.pk}")
    if own:
        own._state.adding = not whole.stored
        own.save()
    elif whole.changed:
        type(whole.obj)._base_manager.filter(pk=whole.obj.pk).update(updated_at=timezone.now())
    for name, rows in whole.parts.items():
        number_new_rows(rows)
        changed = [row for row in rows if f"{name}/{row.pk}" in whole.changed]
        if changed:
            opts = changed[0]._meta
            names = [one.name for one in opts.concrete_fields if not one.primary_key]
            manager = type(changed[0])._base_manager
            manager.bulk_create(changed, update_conflicts=True, unique_fields=[opts.pk.name], update_fields=names)


def number_new_rows(rows: Iterable[Stored]) -> None:
    ordered = [row for row in rows if isinstance(row, Ordered)]
    last = max((row.position for row in ordered if row.position is not None), default=0)
    for row in ordered:
        if row.position is None:
            row.position = last = last + 1


@contextmanager
def loaded(snapshot: Snapshot) -> Iterator[None]:
    """Load the snapshot, and roll back at the end. Lazy responses must be rendered inside.

    Raises ValidationError as `load` does.
    """
    with transaction.atomic():
        load(snapshot)
        yield
        transaction.set_rollback(True)
