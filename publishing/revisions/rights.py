"""The right to publish, whole or in part."""

from collections.abc import Set

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

from publishing.revisions.snapshot import Snapshot, is_same, model_of, own_fields, with_own_fields

AnyUser = User | AnonymousUser | None


def has(user: AnyUser, model: type[models.Model], codename: str) -> bool:
    return user is not None and user.is_active and user.has_perm(f"{model._meta.app_label}.{codename}")


def may_publish(user: AnyUser, model: type[models.Model]) -> bool:
    """Return whether this person may publish all of an object, or the fields that `unchangeable` leaves."""
    rights = (f"publish_{model._meta.model_name}", *getattr(model, "fields_by_right", ()))
    return any(has(user, model, right) for right in rights)


def unchangeable(user: AnyUser, model: type[models.Model]) -> Set[str]:
    """Return the object's own fields that stay as they are, whatever this person does."""
    table: dict[str, tuple[str, ...]] = getattr(model, "fields_by_right", {})
    held = [right for right in table if has(user, model, right)]
    if not held or has(user, model, f"publish_{model._meta.model_name}"):
        return set()
    free = {name for right in held for name in table[right]}
    return {field.name for field in model._meta.fields if field.editable and not field.primary_key} - free


def within_rights(user: AnyUser, data: Snapshot, before: Snapshot | None) -> Snapshot:
    """Return the data with what this person may not change as it was before."""
    kept = unchangeable(user, model_of(data))
    old = own_fields(before) if before else {}
    return with_own_fields(data, {name: value for name, value in old.items() if name in kept})


def goes_beyond(user: AnyUser, data: Snapshot, before: Snapshot | None) -> bool:
    model, mine = model_of(data), own_fields(data)
    allowed = own_fields(within_rights(user, data, before))
    return not all(is_same(model, name, value, mine.get(name)) for name, value in allowed.items())
