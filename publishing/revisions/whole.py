"""An object and its parts in memory, made of a snapshot: what forms show, what is checked, what is saved.

Nothing of it need be in the database, or fit into it: a draft opens whatever has become of the live page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst

from publishing.models import Part, Stored
from publishing.revisions.snapshot import (
    Fields,
    Rows,
    Snapshot,
    field_of,
    locked,
    model_of,
    part_models,
    take,
)


class Fault(NamedTuple):
    """What keeps a row from being saved; `name` is that of a field, or empty where it concerns several."""

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

    `live` has the rows that the database has of it, empty where the object is not there. `changed` is {key: row} of
    what is not in the database as it is here. `lost` tells what of the snapshot no row can hold any more, such as the
    key of a picture that was deleted.
    """

    obj: Stored
    live: Rows
    parts: dict[str, list[Part]]
    changed: dict[str, Stored] = field(default_factory=dict)
    lost: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, snapshot: Snapshot, live: Rows) -> "Whole":
        """The whole that a snapshot tells of; a field that is younger than the snapshot is as in `live`."""
        model = model_of(snapshot)
        whole = cls(model(id=UUID(snapshot["pk"])), live, {name: [] for name in model.parts})
        models_of_parts = part_models(model)
        for key, fields in snapshot["rows"].items():
            name, pk = key.split("/")
            row = whole.obj
            if name:
                row = part = models_of_parts[name](id=UUID(pk))
                setattr(part, f"{part.whole}_id", whole.obj.pk)
                whole.parts[name].append(part)
            whole.fill(key, row, live.get(key, {}) | fields)
            row._state.adding = False  # so that no form takes its key for one that is taken
        for rows in whole.parts.values():
            rows.sort(key=place_of)
        return whole

    def fill(self, key: str, row: Stored, fields: Fields) -> None:
        """Set the row's fields; those that the model has no more are left out."""
        if fields != self.live.get(key):
            self.changed[key] = row
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

    def faults(self) -> list[Fault]:
        """What keeps the changed rows from being saved; the others are left as they are."""
        found = list(self.lost)
        known = {(fault.row.pk, fault.name) for fault in found}
        for row in self.changed.values():
            found += [fault for fault in own_faults(row) if (row.pk, fault.name) not in known]
        for name, rows in self.parts.items():
            found += conflicts_among(rows, {row.pk for row in rows if f"{name}/{row.pk}" in self.changed})
        return found


def place_of(row: Part) -> tuple[tuple[bool, Any], ...]:
    """What a row is ordered by among its siblings, as its model's `ordering` says; what is empty comes last."""
    values = [getattr(row, str(name)) for name in row._meta.ordering or () if name != "id"]
    return tuple((value is None, value) for value in values)


def own_faults(row: Stored) -> Iterator[Fault]:
    """What is wrong with a row alone."""
    exclude = {row.whole} if isinstance(row, Part) else None
    try:
        row.full_clean(exclude=exclude, validate_unique=exclude is None)
    except ValidationError as error:
        fields = {one.name for one in row._meta.fields}
        for name, messages in error.message_dict.items():
            yield from (Fault(row, name if name in fields else "", message) for message in messages)


def conflicts_among(rows: list[Part], changed: set[UUID]) -> list[Fault]:
    """The faults between rows of one part, each told of the changed one."""
    if not rows:
        return []
    in_turn = sorted(rows, key=lambda row: (row.pk in changed, place_of(row)))
    return [Fault(*found) for found in type(rows[0]).conflicting(in_turn) if found[0].pk in changed]


def moved_away(snapshot: Snapshot, live: Rows) -> dict[str, str]:
    """{key: name} of the snapshot's rows that are parts of another whole by now."""
    found = {}
    for name, model in part_models(model_of(snapshot)).items():
        new = [key.split("/")[1] for key in snapshot["rows"] if key.startswith(f"{name}/") and key not in live]
        for row in model._base_manager.filter(pk__in=new):
            found[f"{name}/{row.pk}"] = f"{capfirst(model._meta.verbose_name)} “{row}”"
    return found


def load(snapshot: Snapshot) -> None:
    """Make the database equal to the snapshot, inside a transaction; a part that moved to another whole stays there.

    Raises ValidationError, with a sentence for each fault, and saves nothing where a row cannot be saved.
    """
    model = model_of(snapshot)
    obj = locked(model, snapshot["pk"])
    live = take(obj)["rows"] if obj else {}
    moved = moved_away(snapshot, live)
    rows = {key: fields for key, fields in snapshot["rows"].items() if key not in moved}
    whole = Whole.of({"model": snapshot["model"], "pk": snapshot["pk"], "rows": rows}, live)
    if faults := whole.faults():
        raise ValidationError([str(fault) for fault in faults])
    gone = delete_rows(model, set(live) - set(rows), set(live) & set(whole.changed))
    for key, row in whole.changed.items():
        row._state.adding = key not in live or key in gone
        row.save()


def delete_rows(model: type[Stored], unwanted: set[str], changed: set[str]) -> set[str]:
    """Delete the unwanted parts, and the changed ones of which no two may be alike; return the keys of all these.

    Two rows may swap values that no two may share: both go before they come again.
    """
    gone = set()
    for name, part in part_models(model).items():
        of_part = unwanted | (changed if "conflicting" in vars(part) else set())
        keys = {key for key in of_part if key.startswith(f"{name}/")}
        part._base_manager.filter(pk__in=[key.split("/")[1] for key in keys]).delete()
        gone |= keys
    return gone


@contextmanager
def loaded(snapshot: Snapshot) -> Iterator[None]:
    """Inside, the database is equal to the snapshot; afterwards it is as before. Render lazy answers inside.

    Raises ValidationError as `load` does.
    """
    with transaction.atomic():
        load(snapshot)
        yield
        transaction.set_rollback(True)
