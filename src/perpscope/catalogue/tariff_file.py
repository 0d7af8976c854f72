"""What does a file of costs say?

One form serves the catalogue's own files (`costs`, one a venue) and a user's: TOML or JSON with rows by kind, `[[fee]]`, `[[borrow]]`
and so on. A key ends in its unit: `taker = 0.0005`, `taker_pct = 0.05` and `taker_bp = 5` are one number. Numbers are read exactly;
a pair is a range, "unknown" is a hole. Keys nobody reads are refused by name.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from perpscope.catalogue.tariff_row import KINDS, MARKETS, CostRow, Range, Tariff, When, Whom
from perpscope.errors import CatalogueError, InputError, PerpscopeError
from perpscope.market.number import Number, to_decimal
from perpscope.market.time import day_ms, to_ms
from perpscope.units import MS_PER_DAY

UNKNOWN = "unknown"
_MAKE_IT = "See docs/guide/costs.md for the form."
_SHARES = {"": Fraction(1), "_pct": Fraction(1, 100), "_bp": Fraction(1, 10_000)}
_TIMES = {"per_year": 1, "per_day": 365, "per_hour": 8760}
_SHARED = {
    "fee": ("maker", "taker"),
    "discount": ("share",),
    "liquidation": ("fee",),
    "delivery": ("fee",),
    "spread": ("half", "spread", "median", "p95", "p99", "max", "time_weighted", "impact_spread"),
    "impact": ("half", "volatility"),
}
"""Kind -> its numbers that are shares of a notional (of the mid price, of a fee)."""
_PLAIN = {
    "per_contract": ("exchange", "broker", "regulatory", "size"),
    "spread": ("n", "best"),
    "impact": ("coefficient", "volume"),
    "transfer": ("fee", "minutes", "hours", "confirmations", "least"),
    "tolerance": ("seconds",),
}
"""Kind -> its numbers in units of their own."""
_YEARLY = ("borrow", "opportunity")
_WORDS = {
    "discount": ("name", "on"),
    "per_contract": ("asset",),
    "borrow": ("asset", "assets"),
    "transfer": ("asset", "assets", "network", "way", "to_venue"),
    "remark": ("about",),
}
_LADDERS = {"spread": ("costs_bp", "depth")}
_WHEN_WHO = {
    "of", "markets", "quotes", "bases", "contracts", "except", "from", "to", "seen", "dates", "tier", "says", "status", "source", "note",
}  # fmt: skip
_USERS = {"venue", "assumed", "reason"}
_MOST = {"maker": Fraction(1, 20), "taker": Fraction(1, 20), "share": Fraction(1), "half": Fraction(1, 2), "spread": Fraction(1, 2)}
"""Share from which a number is a slip of the unit; the dearest fee on record is ten times lower."""
_OF_NOTIONAL = ("liquidation", "delivery")
"""Kinds whose fee is a share of the notional; a transfer's is in units of its asset."""
_STATUSES = ("verified", "stated", "inferred")


def parse_tariff(text: str) -> Tariff:
    """Read a file of the catalogue.

    Raises
    ------
    CatalogueError
        When it contradicts itself.
    """
    found = tomllib.loads(text, parse_float=to_decimal)
    venue = found["venue"]
    try:
        rows = tuple(_all_rows(found, {"venue": venue["id"]}, found["sources"], {"venue", "sources"}))
    except (InputError, KeyError) as problem:
        raise CatalogueError(f"the costs of {venue['id']}", str(problem), "Mend the file.") from problem
    return Tariff(venue["id"], tuple(venue.get("names", ())), tuple(venue.get("base", ())), venue.get("wallet", venue["id"]), rows)


def read_costs(text: str, source: str = "the user's cost file") -> tuple[CostRow, ...]:
    r"""Read a user's file: TOML or JSON, rows by kind.

    Parameters
    ----------
    text : the file. source : what to call it where a row names no source.

    Raises
    ------
    InputError
        When it is none of these, or a row in it cannot be; the message names the key.

    Examples
    --------
    >>> rows = read_costs('[[fee]]\nvenue = "gate"\nmaker_pct = 0.015\ntaker_pct = 0.05')
    >>> rows[0].status, float(rows[0].numbers["taker"][0])
    ('given', 0.0005)
    """
    found = _loaded(text, source)
    try:
        return tuple(_all_rows(found, {"source": source, "status": "given"}, {}, set()))
    except (PerpscopeError, KeyError, TypeError, ValueError, ZeroDivisionError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"the costs of {source}", f"{type(problem).__name__}: {problem}", _MAKE_IT) from None


def _loaded(text: str, source: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text, parse_float=to_decimal)
    except ValueError:
        try:
            found = tomllib.loads(text, parse_float=to_decimal)
        except ValueError as problem:
            raise InputError(f"the costs of {source}", f"neither JSON nor TOML ({problem})", _MAKE_IT) from None
    if not isinstance(found, Mapping) or not found:
        raise InputError(f"the costs of {source}", "no rows", f"Give rows by kind: {', '.join(KINDS)}. {_MAKE_IT}")
    return found


def _all_rows(found: Mapping[str, Any], usual: Mapping[str, Any], sources: Mapping[str, str], beside: set[str]) -> Iterator[CostRow]:
    strange = sorted(set(found) - set(KINDS) - beside)
    if strange:
        raise InputError("a file of costs", f"the table {strange[0]!r}, which nobody reads", f"Known are {', '.join(KINDS)}.")
    for kind in KINDS:
        rows = found.get(kind, [])
        for number, row in enumerate([rows] if isinstance(rows, Mapping) else rows, 1):
            if not isinstance(row, Mapping):
                raise InputError(f"[[{kind}]] row {number}", f"{row!r} is no table", _MAKE_IT)
            lowest = {"tier": "base"} if kind == "fee" and sources else {}
            yield from _rows(kind, f"[[{kind}]] row {number}", {**lowest, **usual, **row}, sources)


def _rows(kind: str, what: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> Iterator[CostRow]:
    """Yield the rows of one entry: one, or one a line of its table of tiers, each for one asset where several are named."""
    lines = [row]
    if "tiers" in row:
        columns = row.get("columns", ["tier", "maker_pct", "taker_pct"])
        rest = {key: value for key, value in row.items() if key not in {"tiers", "columns"}}
        lines = [rest | _line(what, columns, cells) for cells in row["tiers"]]
    for line in lines:
        _refuse_strangers(kind, what, line, sources)
        for tier in _listed(line.get("tier", "")):
            for asset in _listed(line.get("assets", line.get("asset", ""))):
                yield _row(kind, what, {**line, "tier": tier, "asset": asset}, sources)


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - one text or several
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _line(what: str, columns: Sequence[str], cells: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a file may hold
    if not isinstance(cells, list) or len(cells) != len(columns):
        raise InputError(what, f"a tier of {cells!r}", f"Give {', '.join(columns)}.")
    return dict(zip(columns, cells, strict=True))


def _number_keys(kind: str) -> dict[str, tuple[str, Fraction]]:
    """Return key -> name of the number and factor to its unit, of one kind."""
    found = {f"{name}{unit}": (name, factor) for name in _SHARED.get(kind, ()) for unit, factor in _SHARES.items()}
    found |= {name: (name, Fraction(1)) for name in _PLAIN.get(kind, ())}
    if kind in _YEARLY:
        found |= {f"{time}{unit}": ("rate", factor * times) for time, times in _TIMES.items() for unit, factor in _SHARES.items()}
    return found


def _refuse_strangers(kind: str, what: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> None:
    numbers = _number_keys(kind)
    known = _WHEN_WHO | set(numbers) | set(_WORDS.get(kind, ())) | set(_LADDERS.get(kind, ())) | {"venue"}
    known |= set() if sources else _USERS
    strange = sorted(set(row) - known)
    if strange:
        raise InputError(f"{what}, key {strange[0]!r}", "nobody reads it", f"Known are {', '.join(sorted(known))}.")
    if kind != "remark" and not set(row) & (set(numbers) | set(_LADDERS.get(kind, ()))):
        raise InputError(what, "no number in it", f"Give one of {', '.join(sorted(numbers))}.")


def _row(kind: str, what: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> CostRow:
    numbers, holes = _numbers(kind, what, row)
    status, source, note = _vouched(what, row, sources)
    whom = Whom(
        _text(what, row, "venue"),
        _text(what, row, "of"),
        _markets(what, _texts(what, row, "markets")),
        *(_texts(what, row, name) for name in ("quotes", "bases", "contracts", "except")),
    )
    when = When(_moment(what, row, "from"), _moment(what, row, "to"), _seen(what, row), _text(what, row, "dates"))
    if when.since is not None and when.until is not None and when.until <= when.since:
        raise InputError(f"{what}, key 'to'", "it ends before it begins, and would answer at no time", "Give the earlier time as from.")
    return CostRow(
        kind,
        whom,
        when,
        row["tier"],
        _text(what, row, "says") or row["tier"],
        status,
        source,
        note,
        {name: _text(what, row, name) for name in _WORDS.get(kind, ()) if name != "assets" and row.get(name)},
        numbers,
        holes,
        {name: _ladder(what, name, row[name]) for name in _LADDERS.get(kind, ()) if name in row},
    )


def _vouched(what: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> tuple[str, str, str]:
    """Return status, source and note; an assumption of a user's gives its reason."""
    source, note = _text(what, row, "source"), _text(what, row, "note")
    if sources:
        if row.get("status") not in _STATUSES:
            raise InputError(f"{what}, key 'status'", f"{row.get('status')!r}", f"Give one of {', '.join(_STATUSES)}.")
        return row["status"], sources[source], note
    assumed = row.get("assumed", False)
    if not isinstance(assumed, bool):
        raise InputError(f"{what}, key 'assumed'", f"{assumed!r}", "Say true or false.")
    if assumed and not _text(what, row, "reason"):
        raise InputError(f"{what}, key 'reason'", "an assumption without a reason", 'Say why, as in reason = "quiet hours of 2024".')
    if row.get("status") not in {"given", None}:
        raise InputError(f"{what}, key 'status'", f"{row['status']!r}", "Leave it out: your numbers are given, or assumed = true.")
    return ("assumed", f"{_text(what, row, 'reason')} ({source})", note) if assumed else ("given", source, note)


def _numbers(kind: str, what: str, row: Mapping[str, Any]) -> tuple[dict[str, Range], tuple[str, ...]]:
    found: dict[str, Range] = {}
    holes = []
    for key, (name, factor) in _number_keys(kind).items():
        if key not in row:
            continue
        if name in found or name in holes:
            raise InputError(f"{what}, key {key!r}", f"{name} is said twice, in two units", "Say it once.")
        if row[key] == UNKNOWN:
            holes.append(name)
        else:
            low, high = (_number(what, key, each) * factor for each in _pair(what, key, row[key]))
            found[name] = (low, high)
    _refuse_impossible(kind, what, found)
    return found, tuple(holes)


def _pair(what: str, key: str, value: Any) -> tuple[Any, Any]:  # noqa: ANN401 - whatever a file may hold
    if not isinstance(value, list):
        return value, value
    if len(value) != 2:  # noqa: PLR2004 - a range has two ends
        raise InputError(f"{what}, key {key!r}", f"{len(value)} numbers", "Give one, or a range [low, high].")
    return value[0], value[1]


def _number(what: str, key: str, value: object) -> Number:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Fraction(value)
    raise InputError(f"{what}, key {key!r}", f"{value!r} is no number", f'Write a decimal, a range [low, high], or "{UNKNOWN}".')


def _refuse_impossible(kind: str, what: str, numbers: Mapping[str, Range]) -> None:
    for name, (low, high) in numbers.items():
        if low > high:
            raise InputError(f"{what}, {name}", f"a range from {float(low):g} to {float(high):g}", "Give the lower end first.")
        if low < 0 and name not in {"maker", "taker", "rate"}:
            raise InputError(f"{what}, {name}", f"{float(low):g} is below 0", "Only fees and yearly rates may be negative.")
        if name in _MOST and max(-low, high) >= _MOST[name]:
            there = f"a share of {float(high if high > -low else low):g}"
            raise InputError(
                f"{what}, {name}", there, f"Give less than {float(_MOST[name]):g}; the key ends in its unit: {name}_pct = 0.05 is 0.05 %."
            )
        if name in {"size", "volume"} and not low > 0:
            raise InputError(f"{what}, {name}", f"{float(low):g}", "Give a number above 0.")
        if name == "fee" and kind in _OF_NOTIONAL and high >= 1:
            raise InputError(f"{what}, {name}", f"a share of {float(high):g}", "Give less than 1; fee_pct = 0.5 is 0.5 %.")


def _ladder(what: str, key: str, value: Any) -> tuple[tuple[Number, ...], ...]:  # noqa: ANN401 - whatever a file may hold
    if not isinstance(value, list) or not all(isinstance(line, list) and len(line) == 3 for line in value):  # noqa: PLR2004 - x, bid, ask
        raise InputError(f"{what}, key {key!r}", f"{value!r}", "Give lines of three numbers: [x, bid, ask].")
    return tuple(tuple(_number(what, key, each) for each in line) for line in value)


def _text(what: str, row: Mapping[str, Any], key: str) -> str:
    value = row.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{what}, key {key!r}", f"{value!r} is no text", 'Write it in quotes, like "2025-09-18".')
    return value


def _texts(what: str, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(f"{what}, key {key!r}", f"{value!r} is no list of texts", f'Write {key} = ["…"].')
    return tuple(value)


def _markets(what: str, names: tuple[str, ...]) -> tuple[str, ...]:
    strange = [name for name in names if name not in MARKETS]
    if strange:
        raise InputError(f"{what}, key 'markets'", f"{strange[0]!r}", f"Known are {', '.join(MARKETS)}.")
    return tuple(dict.fromkeys(market for name in names for market in MARKETS[name]))


def _moment(what: str, row: Mapping[str, Any], key: str) -> int | None:
    """First instant of a date, which may be a whole month or year; None where there is none."""
    text = _text(what, row, key)
    return _first(what, key, text) if text else None


def _first(what: str, key: str, text: str) -> int:
    written = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    try:
        return day_ms(written)
    except InputError as problem:
        raise InputError(f"{what}, key {key!r}", problem.there, "Write it like 2025-09-18 or 2025-09-18T08:00Z.") from None


def _seen(what: str, row: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    """Days, months or years in which a row was seen, or spans of them (2022-04-20/2023-02-09), each from its first instant to its end."""
    found = []
    for text in _listed(row.get("seen", [])):
        first, slash, last = text.partition("/")
        span = _span(what, first)
        found.append((span[0], _span(what, last)[1]) if slash else span)
    if any(first >= last for first, last in found):
        raise InputError(f"{what}, key 'seen'", f"{row['seen']!r}", "Give the earlier day first.")
    return tuple(found)


def _span(what: str, text: str) -> tuple[int, int]:
    first = _first(what, "seen", text)
    then = datetime.fromtimestamp(first / 1000, tz=UTC)
    ends = {4: (then.year + 1, 1), 7: (then.year + then.month // 12, then.month % 12 + 1)}.get(len(text))
    return first, first + MS_PER_DAY if ends is None else to_ms(datetime(*ends, 1, tzinfo=UTC))
