"""Which of several dated numbers holds at a moment, and how well?

The row whose dates hold the moment answers; else the nearest one, with its distance in days and what its neighbours say; a row without
dates is a scenario and says so. Rows that contradict each other are all told.

**Source**: the project's note on costs: a row in force; else the nearest seen, with its gap; else both neighbours as a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from perpscope.catalogue.tariff_row import CostRow, Range, When
from perpscope.market.number import Number
from perpscope.market.time import FOREVER, to_text
from perpscope.units import MS_PER_DAY

Relation = Literal["in force", "nearest", "undated"]
_SHARES = {"fee", "discount", "liquidation", "delivery", "borrow", "opportunity", "spread"}
_DAY = len("2025-09-18")
_WHOLE_DAYS = "seen: day not given"


@dataclass(frozen=True, slots=True)
class FoundCost:
    """The number that answers, and how well.

    Parameters
    ----------
    row : where it stands. name : which of its numbers. relation : "in force", "nearest" or "undated".
    gap_days : whole days between the moment and the row's dates; 0 in force, None where it is undated.
    span : from the lowest to the highest number that neighbours and ranges give. doubts : what a reader must know.
    """

    row: CostRow
    name: str
    relation: Relation
    gap_days: int | None
    span: Range
    doubts: tuple[str, ...]

    @property
    def value(self) -> Number:
        """The number; of a range the dearer end."""
        return self.row.numbers[self.name][1]


def at_moment(rows: Sequence[CostRow], name: str, ms: int, silent: Sequence[CostRow] = ()) -> FoundCost:
    """Choose among rows that speak of one thing; a user's rows without dates hold at all times.

    Parameters
    ----------
    rows : at least one, each with the number `name`. ms : moment, UTC. silent : rows of the same thing that leave the number open.
    """
    dated = [row for row in rows if not row.when.undated]
    timeless = [row for row in rows if row.when.undated]
    closed = _closed(dated, name)
    held = [row for row in closed if gap(row.when, ms) == 0] + [row for row in timeless if row.users]
    if held:
        row = max(held, key=lambda r: (_closeness(r), not r.when.undated, bool(r.when.seen), _start(r.when), _high(r, name)))
        rivals = [] if row.users else [*_others(held, row), *_since(dated, row, ms)]
        return _found(row, name, "in force", 0, rivals, _edges(row, ms))
    if dated:
        seen = [row for row in closed if row.when.seen]
        row = min(seen or closed, key=lambda r: (gap(r.when, ms), -_high(r, name)))
        days = -(-gap(row.when, ms) // MS_PER_DAY)
        beyond = _beyond(closed, row, ms)
        rivals = [*beyond, *_as_near(closed, row, ms), *_overrun(dated, row, ms), *timeless]
        open_rows = tuple(f"{_dated(each)} does not give it" for each in silent if not each.when.undated and gap(each.when, ms) == 0)
        doubts = (f"{row.status} {days} days away from the moment asked for", *open_rows, *_alike(beyond, row, name, ms))
        return _found(row, name, "nearest", days, rivals, doubts)
    row = max(timeless, key=lambda r: (_closeness(r), _high(r, name)))
    says = f" ({row.when.says})" if row.when.says else ""
    return _found(row, name, "undated", None, _others(timeless, row), (f"its source has no date{says}: a scenario, not history",))


def _found(row: CostRow, name: str, relation: Relation, days: int | None, rivals: Iterable[CostRow], doubts: tuple[str, ...]) -> FoundCost:
    """Put an answer together; rivals with another number are told, and widen the span."""
    differing = list({_said(each, name): each for each in reversed([*rivals]) if _value(each, name) != _value(row, name)}.values())[::-1]
    ranges = [each.numbers[name] for each in (row, *differing) if name in each.numbers]
    span = (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else (0, 0)
    told = tuple(f"{_dated(each)} says {_said(each, name)} ({each.source})" for each in differing)
    return FoundCost(row, name, relation, days, span, (*doubts, *told))


def gap(when: When, ms: int) -> int:
    """Milliseconds between a moment and the nearest time at which a row held; 0 inside."""
    last = FOREVER if when.until is None else when.until
    if when.ended_by is not None:
        last = min(last, when.ended_by)
    spans = [(first, min(end, last)) for first, end in when.seen if first < last]
    if when.since is not None or when.until is not None:
        spans.append((-FOREVER if when.since is None else when.since, last))
    return min((max(first - ms, ms - end + 1, 0) for first, end in spans), default=0)


def _closeness(row: CostRow) -> tuple[int, bool]:
    return row.whom.named, bool(row.tier)


def _value(row: CostRow, name: str) -> object:
    return row.numbers.get(name) or row.ladders.get(name)


def _high(row: CostRow, name: str) -> Number:
    return row.numbers[name][1] if name in row.numbers else 0


def _start(when: When) -> int:
    """First moment a row is known to have held."""
    starts = [first for first, _ in when.seen] + ([when.since] if when.since is not None else [])
    return min(starts, default=-FOREVER)


def _closed(rows: Sequence[CostRow], name: str) -> list[CostRow]:
    """End each row that has no end of its own where another number, as closely named, begins or was seen."""
    found = []
    for row in rows:
        later = [
            _start(other.when)
            for other in rows
            if _value(other, name) != _value(row, name) and _closeness(other) >= _closeness(row) and _start(other.when) > _start(row.when)
        ]
        open_end = row.when.since is not None and row.when.until is None
        found.append(replace(row, when=replace(row.when, ended_by=min(later))) if open_end and later else row)
    return found


def _overrun(rows: Sequence[CostRow], chosen: CostRow, ms: int) -> list[CostRow]:
    """Rows without an end that by their own dates hold the moment, although others were seen since."""
    return [row for row in rows if gap(row.when, ms) == 0 and row.source != chosen.source]


def _since(rows: Sequence[CostRow], chosen: CostRow, ms: int) -> list[CostRow]:
    """Rows that began or were seen since the chosen one began, and before the moment."""
    return [row for row in rows if _start(chosen.when) < _start(row.when) <= ms]


def _alike(neighbours: Sequence[CostRow], chosen: CostRow, name: str, ms: int) -> tuple[str, ...]:
    """Say that a neighbour on the other side says the same."""
    return tuple(
        f"{_dated(row)}, {-(-gap(row.when, ms) // MS_PER_DAY)} days away on the other side, says the same"
        for row in neighbours
        if not row.when.undated and _value(row, name) == _value(chosen, name)
    )


def _others(rows: Iterable[CostRow], chosen: CostRow) -> list[CostRow]:
    return [row for row in rows if row is not chosen]


def _beyond(rows: Sequence[CostRow], chosen: CostRow, ms: int) -> list[CostRow]:
    """Nearest rows on the other side of the moment, seen or by their dates; all of them that are as near."""
    before = _start(chosen.when) <= ms
    other = [row for row in rows if (_start(row.when) <= ms) != before]
    nearest = min((gap(row.when, ms) for row in other), default=0)
    return [row for row in other if gap(row.when, ms) == nearest]


def _as_near(rows: Sequence[CostRow], chosen: CostRow, ms: int) -> list[CostRow]:
    """Rows as near to the moment as the chosen one."""
    return [row for row in _others(rows, chosen) if gap(row.when, ms) == gap(chosen.when, ms)]


def _edges(row: CostRow, ms: int) -> tuple[str, ...]:
    """Return what is not known of the dates of a row that holds."""
    when = row.when
    if row.users or (when.since is None and when.until is None):
        return () if _WHOLE_DAYS not in when.says else ("seen in that time, its day is not given",)
    no_start = ("since when it held is not on record",) if when.since is None and ms < _start_seen(when) else ()
    other = f"; another is known of {to_text(when.ended_by)[:_DAY]}" if when.ended_by is not None else ""
    return (*no_start, *((f"until when it held is not on record{other}",) if when.until is None else ()))


def _start_seen(when: When) -> int:
    return min((first for first, _ in when.seen), default=FOREVER)


def _dated(row: CostRow) -> str:
    """Name a row by its dates."""
    when = row.when
    if when.undated:
        return "a row without dates"
    if when.since is not None or when.until is not None:
        since = "" if when.since is None else f" from {to_text(when.since)[:_DAY]}"
        until = "" if when.until is None else f" to {to_text(when.until)[:_DAY]}"
        return f"the row{since}{until}"
    spans = (f" to {to_text(last - 1)[:_DAY]}" if last - first > MS_PER_DAY else "" for first, last in when.seen)
    return f"the row seen {', '.join(to_text(first)[:_DAY] + to for (first, _), to in zip(when.seen, spans, strict=True))}"


def _said(row: CostRow, name: str) -> str:
    """Write a row's number for a reader."""
    if name not in row.numbers:
        return "another table"
    factor, unit = (100, " %") if row.kind in _SHARES else (1, "")
    low, high = (float(each) * factor for each in row.numbers[name])
    return f"{high:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
