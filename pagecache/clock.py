"""When what patients see changes by itself the next time."""

from django.apps import apps
from django.db.models import Min, Value

from pagecache.queries import NOW, PreparedQuery


def next_change(now):
    """The nearest moment after `now` among all fields that a model names in `moments`, or None; one query."""
    return min((moment for (moment,) in coming(now=now) if moment), default=None)


@PreparedQuery
def coming():
    """The nearest moment of each such field."""
    first, *others = [
        model._base_manager.order_by()
        .filter(**{f"{name}__gt": NOW})
        .values(nothing=Value(1))
        .annotate(moment=Min(name))
        .values_list("moment")
        for model in apps.get_models()
        for name in getattr(model, "moments", ())
    ]
    return first.union(*others, all=True)
