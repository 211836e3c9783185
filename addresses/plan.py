"""What becomes of redirects that are added, so that each leads on in one step, and none in a circle."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from addresses.live import in_own_spelling, live_among
from addresses.pasted import Line
from addresses.spelling import Address, address_of, new_address, old_address

Rows = dict[str, str]  # the new address by the key of the old one
LIVE = "The site shows a page at this address, so that a redirect from it would do nothing."
CIRCLE = "This leads in a circle, back to the old address."


@dataclass
class Change:
    """What is to become of one line: `fault` by the name of its field, or an old address with a new one."""

    line: Line
    old: Address | None = None
    new: str = ""
    fault: tuple[str, str] | None = None
    before: str | None = None  # where the old address led until now
    notes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        if self.fault:
            return "refused"
        if self.before is None:
            return "new"
        return "same" if self.before == self.new else "replaces"


def target_of(new: str) -> Address | None:
    """Return the address of this site that a redirect leads to; None for another site, and for nothing."""
    return address_of(new) if new.startswith("/") else None


def hit(new: str, rows: Rows, live: set[str]) -> str | None:
    """Return the key of the redirect that would answer at a new address: one with its query, or of its path alone.

    A page that is live answers itself, unless the query is one that it does not read.
    """
    address = target_of(new)
    if address is None or address.key in live:
        return None
    if address.key in rows:
        return address.key
    return address.bare if address.bare in rows and address.bare not in live else None


def ends(rows: Rows, live: set[str]) -> tuple[Rows, set[str]]:
    """Return where each redirect leads at last, and the keys of those that are in a circle."""
    last: dict[str, str | None] = {}
    circles: set[str] = set()
    for start in rows:
        new = ""
        trail: dict[str, None] = {}
        key: str | None = start
        while key is not None and key not in last and key not in trail:
            trail[key] = None
            new = rows[key]
            key = hit(new, rows, live)
        if key is not None and key in trail:
            steps = list(trail)
            circles |= set(steps[steps.index(key) :])
        end = new if key is None else last.get(key)
        last |= dict.fromkeys(trail, end)
    return {key: end for key, end in last.items() if end is not None}, circles


@dataclass
class Plan:
    """What becomes of each line; of redirects that are there: where those lead that did to a new old address, and
    the keys of those that go, as a page is live at their address and others lead to it."""

    changes: list[Change]
    led_on: Rows
    dead: set[str]

    @property
    def good(self) -> dict[str, Change]:
        return {change.old.key: change for change in self.changes if change.old and not change.fault}


def planned(lines: Iterable[Line], known: Rows) -> Plan:
    """Return what becomes of each line beside the redirects that are known."""
    plan = Plan([understood(line) for line in lines], {}, set())
    refuse_repeated(plan.changes)
    good = plan.good.values()
    targets = [address for change in good if (address := target_of(change.new))]
    live = live_keys([*(change.old for change in good if change.old), *targets, *map(without_query, targets)])
    live |= live_chained(known)
    for key, change in plan.good.items():
        if key in live:
            change.fault = ("old_path", LIVE)
        change.before = known.get(key)
    last = shortened(plan, known, live)
    good = plan.good.values()
    plan.led_on = {key: last[key] for key in known.keys() - plan.good.keys() if last.get(key, known[key]) != known[key]}
    reached = [address for change in good if (address := target_of(change.new))]
    plan.dead = {key for address in reached for key in (address.key, address.bare)} & known.keys() - plan.good.keys()
    tell_of_nothing(good, live)
    return plan


def understood(line: Line) -> Change:
    change = Change(line, fault=("old_path", line.fault) if line.fault else None)
    name = "old_path"
    try:
        if not line.fault:
            change.old = old_address(line.old)
            name = "new_path"
            change.new = in_own_spelling(new_address(line.new)) if line.new.strip() else ""
            target = target_of(change.new)
            if target and target.key == change.old.key:
                raise ValidationError("This is the old address.")
    except ValidationError as error:
        change.fault = (name, " ".join(error.messages))
    return change


def refuse_repeated(changes: list[Change]) -> None:
    first: dict[str, int] = {}
    for change in changes:
        if change.old and not change.fault:
            number = first.setdefault(change.old.key, change.line.number)
            if number != change.line.number:
                change.fault = ("old_path", f"Line {number} has this old address already.")


def live_keys(addresses: Iterable[Address]) -> set[str]:
    return {address.key for address in live_among(addresses)}


def without_query(address: Address) -> Address:
    return Address(address.path)


def live_chained(rows: Rows) -> set[str]:
    """Return which live pages redirects lead to that have one of their own, as from before the page."""
    found = [
        address for new in rows.values() if (address := target_of(new)) and {address.key, address.bare} & rows.keys()
    ]
    return live_keys([*found, *map(without_query, found)])


def shortened(plan: Plan, known: Rows, live: set[str]) -> Rows:
    """Lead each change straight to its end, and refuse those in a circle, until there is none; return all ends."""
    while True:
        good = plan.good
        last, circles = ends(known | {key: change.new for key, change in good.items()}, live)
        bad = circles & good.keys() or good.keys() - last.keys()
        if not bad:
            break
        for key in bad:
            good[key].fault = ("new_path", CIRCLE)
    for key, change in good.items():
        if last[key] != change.new:
            change.notes.append(f"{change.new} leads on: this one leads straight to {last[key] or 'nothing'}.")
            change.new = last[key]
    return last


def tell_of_nothing(changes: Iterable[Change], live: set[str]) -> None:
    for change in changes:
        address = target_of(change.new)
        if address and not change.notes and not {address.key, address.bare} & live:
            change.notes.append("There is no page at the new address now.")
