"""Buttons that move a row of a list, a handle to drag it by, and the place of a new one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
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

from publishing.models import Ordered
from publishing.revisions.moves import ROOM, TOP, locked_siblings, save_places, whole_key_of
from publishing.staff.editing import editing_of
from publishing.staff.forms import HIGHEST, ORDER_SCRIPTS, user_of

STEPS = {"up": -1, "down": 1}
WAYS = {"top": ("⤒", "to the top"), "up": ("↑", "up"), "down": ("↓", "down"), "end": ("⤓", "to the end")}
EDGES = {"top": "up", "end": "down"}  # each with the arrow that leads nowhere either where the row is there
MOVED = "Moved "  # begins what the log says of a move


def move(row: Ordered, direction: str, target: str = "", author: User | None = None) -> tuple[int, int]:
    """Move a row and return (its place, number of rows).

    It goes to the top, to the end, up or down by one place, or just beyond the sibling whose key is `target`; one that
    is already beyond the target stays. As few rows as possible get another position, and those are recorded. Raises
    Http404 if the row does not exist any more.
    """
    rows = locked_siblings(row)
    if row not in rows:
        raise Http404
    at = rows.index(row)
    to = destination(rows, at, direction, target)
    rows.insert(to, rows.pop(at))
    save_places(rows, positions_after(rows, at, to), author)
    return to + 1, len(rows)


def destination(rows: Sequence[Ordered], at: int, direction: str, target: str) -> int:
    if direction in EDGES:
        return 0 if direction == "top" else len(rows) - 1
    named = [place for place, sibling in enumerate(rows) if str(sibling.pk) == target]
    to = named[0] if named else at + STEPS[direction]
    return max(0, min(at, to)) if direction == "up" else min(len(rows) - 1, max(at, to))


def positions_after(rows: Sequence[Ordered], at: int, to: int) -> Sequence[int]:
    """Return positions for these rows, of which that at `to` came from `at`.

    It alone gets another one if it came from afar and there is room for it. Otherwise the set of positions stays the
    same, unless two rows have the same one, or the first is 0 and is passed: then all are numbered anew.
    """
    positions = [row.position for row in rows]
    is_far = abs(at - to) > 1
    if is_far and (alone := room_between(positions[:to], positions[to + 1 :])) is not None:
        return [*positions[:to], alone, *positions[to + 1 :]]
    if len(set(positions)) < len(positions):
        return range(1, len(positions) + 1)
    if is_far and to == 0:
        return range(ROOM, ROOM * len(positions) + 1, ROOM)
    return sorted(positions)


def room_between(before: Sequence[int], after: Sequence[int]) -> int | None:
    """Return a position between these, next to them at the list's ends; None if there is none."""
    low, high = before[-1] if before else -1, after[0] if after else HIGHEST + 1
    if high - low < 2:
        return None
    if not before:
        return high - 1
    return (low + high) // 2 if after else low + 1


class OrderedForm(forms.ModelForm):
    at_top = forms.BooleanField(
        label="At the top of the list", required=False, help_text="Without this mark it comes last."
    )


class OrderedAdmin(admin.ModelAdmin):
    """For model admins of ordered rows: the list has buttons and a handle that move a row.

    There are none if the list is sorted by another column, or the user may not change the order. Who may can put a new
    row at the top.
    """

    form = OrderedForm

    class Media:
        css = {"all": ["css/order.css"]}
        js = ORDER_SCRIPTS

    def has_order_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_publish: Callable[[HttpRequest], bool] = getattr(self, "may_publish", self.has_change_permission)
        return self.has_change_permission(request, obj) and may_publish(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = list(super().get_fieldsets(request, obj))
        if not self.has_no_place(request, obj):
            return shown
        (name, options), *others = shown
        return [(name, {**options, "fields": [*options["fields"], "at_top"]}), *others]

    def has_no_place(self, request: HttpRequest, obj: Any) -> bool:
        """Return whether a form is of something new, also of a draft of it, that may be put at the top."""
        editing = editing_of(request)
        is_draft = editing is not None and editing.current is None and editing.open_draft is not None
        is_new = obj is None or (is_draft and obj.position in (None, TOP))
        return is_new and self.has_order_permission(request)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and self.has_no_place(request, obj):
            context["adminform"].form.initial["at_top"] = obj.position == TOP
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep the wish: who publishes the row makes room for it."""
        if self.has_no_place(request, form.instance if change else None):
            form.instance.position = TOP if form.cleaned_data.get("at_top") else None
        super().save_related(request, form, formsets, change)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        return [path("<path:object_id>/move/", view, name=name), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        can_move = ORDER_VAR not in request.GET and self.has_order_permission(request)
        if not can_move:
            return shown
        # Not among those by which a list is sorted: an address has their numbers.
        at = shown.index("draft") if "draft" in shown else len(shown)
        return [*shown[:at], "moves", *shown[at:]]

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
        handle = '<span class="list__handle" data-row="{}" data-list="{}" aria-hidden="true">⠿</span>'
        shown = format_html(handle, row.pk, whole_key_of(row) or "")
        return format_html(
            '<span class="moves">{}{}</span>', shown, format_html_join("", "{}", ([one] for one in self.buttons(row)))
        )

    def buttons(self, row: Any) -> Iterator[SafeString]:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move", args=[row.pk])
        name = Truncator(row).chars(60)
        button = (
            '<button class="move" id="{0}-{1}" type="{2}"{3} formaction="{4}?{5}" name="move" value="{0}:{6}"'
            ' aria-label="Move “{7}” {8}">{9}</button>'
        )
        off = format_html(' aria-disabled="{}"', "true")
        for way, (arrow, words) in WAYS.items():
            target = row.targets[EDGES.get(way, way)]
            kind = ("button", off) if target is None else ("submit", "")
            beyond = target or "" if way in STEPS else ""
            yield format_html(button, way, row.pk, *kind, address, row.filters, beyond, name, words, arrow)

    @method_decorator(require_POST)
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        direction, _, target = request.POST.get("move", "").partition(":")
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if not self.has_order_permission(request, row):
                raise PermissionDenied
            if row is None:
                raise Http404
            if direction not in WAYS:
                raise BadRequest("A row is moved up, down, to the top or to the end.")
            place, count = move(row, direction, target, author=user_of(request))
            self.log_change(request, row, f"{MOVED}{WAYS[direction][1]} in the order.")
        name = f"{capfirst(self.opts.verbose_name)} “{Truncator(row).chars(60)}”"
        self.message_user(request, f"{name} is now at place {place} of {count}.", messages.SUCCESS)
        filters: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{add_preserved_filters(filters, address)}#{direction}-{row.pk}")
