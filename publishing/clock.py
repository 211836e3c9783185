"""When what patients see changes by itself the next time."""

from django.apps import apps
from django.db.models import Min, Value


def next_change(now):
    """The nearest moment after `now` among all fields that a model names in `moments`, or None; one query."""
    asked = [
        model._base_manager.order_by()
        .filter(**{f"{name}__gt": now})
        .values(nothing=Value(1))
        .annotate(moment=Min(name))
        .values_list("moment", flat=True)
        for model in apps.get_models()
        for name in getattr(model, "moments", ())
    ]
    first, *others = asked
    return min(filter(None, first.union(*others, all=True)), default=None)
