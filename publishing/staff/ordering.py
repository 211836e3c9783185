"""Buttons that move a row of a list."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.views.decorators.http import require_POST

from publishing.models import Ordered, Part, Stored, touch
from publishing.revisions.moves import record_moved
from publishing.revisions.snapshot import locked
from publishing.staff.forms import ORDER_SCRIPTS, user_of

STEPS = {"up": -1, "down": 1}
ARROWS = {"up": "↑", "down": "↓"}


def whole_key_of(row: Stored) -> UUID | None:
    key: UUID | None = getattr(row, f"{row.whole}_id") if isinstance(row, Part) else None
    return key


def move(row: Ordered, direction: str, target: str = "", author: User | None = None) -> tuple[int, int]:
    """Move a row by one place, or just beyond the sibling whose key is `target`; return (its place, number of rows).

    A row that is already beyond the target stays. The set of positions stays the same unless two rows have the same
    one: then all are numbered anew. Those that got another one are recorded. Raises Http404 if the row does not exist
    any more.
    """
    if isinstance(row, Part) and (whole := whole_key_of(row)):
        locked(row.whole_model(), whole)  # first, as everywhere: a form locks its rows in another order
    found = row.siblings().select_for_update().order_by("pk")
    rows = sorted(found, key=lambda sibling: (sibling.position, sibling.pk))
    if row not in rows:
        raise Http404
    at = rows.index(row)
    named = [place for place, sibling in enumerate(rows) if str(sibling.pk) == target]
    to = named[0] if named else max(at + STEPS[direction], 0)
    rows.insert(min(at, to) if direction == "up" else max(at, to), rows.pop(at))
    positions: Sequence[int] = sorted({sibling.position for sibling in rows})
    if len(positions) < len(rows):
        positions = range(1, len(rows) + 1)
    moved = [(sibling, place) for sibling, place in zip(rows, positions, strict=True) if sibling.position != place]
    for sibling, place in moved:
        sibling.position = place
    save_places([sibling for sibling, _ in moved], author)
    return rows.index(row) + 1, len(rows)


def save_places(rows: Sequence[Ordered], author: User | None) -> None:
    if not rows:
        return
    type(rows[0])._base_manager.bulk_update(rows, ["position"])
    if isinstance(rows[0], Part):
        touch(type(rows[0]), {whole_key_of(rows[0])})
    record_moved(rows, author)


class OrderedAdmin(admin.ModelAdmin):
    """For model admins of ordered rows: the list has buttons that move a row.

    There are none if the list is sorted by another column, or the user may not change the order.
    """

    class Media:
        css = {"all": ["css/order.css"]}
        js = ORDER_SCRIPTS

    def has_order_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_publish: Callable[[HttpRequest], bool] = getattr(self, "may_publish", self.has_change_permission)
        return self.has_change_permission(request, obj) and may_publish(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        return [path("<path:object_id>/move/", view, name=name), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        can_move = ORDER_VAR not in request.GET and self.has_order_permission(request)
        return [*shown, "moves"] if can_move else shown

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Set `targets` of each row: beyond which row a button moves it, a key, "" for any, None for none."""
        cl = super().get_changelist_instance(request)
        rows: list[Any] = list(cl.result_list)
        before = "" if cl.page_num > 1 else None
        after = "" if cl.page_num < cl.paginator.num_pages else None
        for row, above, below in zip(rows, [None, *rows], [*rows[1:], None], strict=False):
            row.targets = {"up": before, "down": after}
            for direction, other in (("up", above), ("down", below)):
                if other:
                    row.targets[direction] = str(other.pk) if whole_key_of(other) == whole_key_of(row) else None
            row.filters = self.get_preserved_filters(request)
        return cl

    @admin.display(description="order")
    def moves(self, row: Any) -> SafeString:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move", args=[row.pk])
        name = Truncator(row).chars(60)
        button = (
            '<button class="move" id="{0}-{1}" type="{2}"{3} formaction="{4}?{5}" name="move" value="{0}:{6}"'
            ' aria-label="Move “{7}” {0}">{8}</button>'
        )
        off = format_html(' aria-disabled="{}"', "true")
        buttons = (
            (way, row.pk, "button", off, address, row.filters, "", name, ARROWS[way])
            if target is None
            else (way, row.pk, "submit", "", address, row.filters, target, name, ARROWS[way])
            for way, target in row.targets.items()
        )
        return format_html('<span class="moves">{}</span>', format_html_join("", button, buttons))

    @method_decorator(require_POST)
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        direction, _, target = request.POST.get("move", "").partition(":")
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if not self.has_order_permission(request, row):
                raise PermissionDenied
            if row is None:
                raise Http404
            if direction not in STEPS:
                raise BadRequest("A row is moved up or down.")
            place, count = move(row, direction, target, author=user_of(request))
            self.log_change(request, row, f"Moved {direction} in the order.")
        name = f"{capfirst(self.opts.verbose_name)} “{Truncator(row).chars(60)}”"
        self.message_user(request, f"{name} is now at place {place} of {count}.", messages.SUCCESS)
        filters: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{add_preserved_filters(filters, address)}#{direction}-{row.pk}")
