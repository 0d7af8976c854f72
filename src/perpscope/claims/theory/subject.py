"""Of which venue, coin and window does a published number speak?

Published tables name their data in words ("Binance USD-M perps + spot, hourly, 2020-01-08..2024-03-11 (BNB 2020-02-10)"). Venue and
window are read from them, never from the name of the check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.analysis.series import fixings
from perpscope.catalogue.load import resolve_venue
from perpscope.claims.theory.checks import Check
from perpscope.errors import InputError
from perpscope.market.table import FUNDING, Table
from perpscope.market.time import to_ms, to_text

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.case import Shelf, Who

_DAY = r"\d{4}-\d{2}(?:-\d{2})?"
_WINDOW = re.compile(rf"({_DAY})\s*(?:\.\.|to|until)\s*({_DAY}|\d{{1,2}})(?![\d-])")
_OWN_START = re.compile(rf"\b([A-Z][A-Z0-9]{{1,9}}) (?:from )?({_DAY})")
_CLOCK = re.compile(rf"(?:{_DAY})[T ]\d\d:\d\d")
_OTHERWISE = re.compile(
    r"\b(minutely|one.minute|by the minute|mark|index|quarterly|deliver\w+|out of sample|USDC.margined|[A-Z]{2,6}USDC)\b"
    r"|\b(?:daily|weekly|(?:8|eight).?hourly)\b(?=.*\bspot\b)|\bspot\b.*\b(?:daily|weekly|(?:8|eight).?hourly)\b",
    re.IGNORECASE,
)
"""Words for other prices than the hourly closes of last trades that tables on perpetual and spot are made of."""
_CHANGED = frozenset({"median", "abs", "absolute", "minutes", "change", "changes", "daily", "weekly", "monthly", "net"})
"""Words in the name of a number that make another number of it than the one we compute."""
LINEAR_OF = {"binance": "binanceusdm"}
"""Venues whose name without more means, for perpetuals, the futures market of another id."""
QUOTES = ("USDT", "USD", "USDC")


@dataclass(frozen=True, slots=True)
class Span:
    """Time from start (included) to end (excluded), ms UTC."""

    start: int
    end: int

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end - self.start) / 3_600_000

    def __str__(self) -> str:
        """Write the days, both included."""
        return f"{to_text(self.start)[:10]}..{to_text(self.end - 1)[:10]}"


@dataclass(slots=True)
class Seen:
    """A shelf that remembers what was taken from it.

    Parameters
    ----------
    shelf : tables of a store.
    """

    shelf: Shelf
    _used: dict[tuple[str, Who], Table] = field(default_factory=dict)
    _kept: dict[tuple[object, ...], pl.DataFrame] = field(default_factory=dict)

    def kept(self, key: tuple[object, ...], make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Make a frame once, and hand out the same one whenever it is asked for again."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def part(self, table: Table, span: Span | None = None, **who: str | float) -> pl.DataFrame:
        """Rows of a table of which columns equal values, in a window (by their stamp)."""
        asked = tuple(sorted(who.items())) + (() if span is None else (("since", span.start), ("until", span.end)))
        rows = self.shelf.part(table, asked)
        if not rows.is_empty():
            self._used[table.name, asked] = table
        return rows

    def has(self, table: Table, **who: str) -> bool:
        """Whether there is any such row; nothing is remembered of the question."""
        return not self.shelf.part(table, tuple(sorted(who.items()))).is_empty()

    def proofs(self) -> list[dict[str, object]]:
        """Tell what was taken, with the digest of its rows."""
        kept = ("table", "rows", "first", "last", "missing", "digest", "who")
        told = (self.shelf.proof(table, who) for (_, who), table in self._used.items())
        return [{name: proof[name] for name in kept if name in proof} for proof in told]


def data_of(check: Check) -> str:
    """Words that name the data of a check.

    **Source**: `inputs.data` of `theory_checks.json`; where it is absent, everything said about the check.
    """
    told = check.inputs.get("data")
    return told if isinstance(told, str) else f"{check.formula} {check.told}"


def span_of(text: str, coin: str = "") -> Span | None:
    """Window that a text names, its last day or month included; for a coin with a start of its own, from there. None where it names none.

    **Source**: the windows of `theory_checks.json`.

    Examples
    --------
    >>> str(span_of("hourly, 2020-01-08..2024-03-11 (BNB 2020-02-10)", "BNB")), str(span_of("2019-09..2022-06")), span_of("all rows")
    ('2020-02-10..2024-03-11', '2019-09-01..2022-06-30', None)
    """
    found = _WINDOW.search(text)
    if found is None or _WINDOW.search(text, found.end()) or _CLOCK.search(text):  # several windows, or hours, are not read
        return None
    first, last = found[1], found[2]
    last = first[: len(first) - 2] + last.zfill(2) if len(last) <= 2 else last  # noqa: PLR2004 - 2025-11-08..15
    own: dict[str, str] = dict(_OWN_START.findall(text))
    try:
        start, end = to_ms(_begin(own.get(coin, first))), to_ms(_after(last))
    except (InputError, ValueError, OverflowError):
        return None
    return Span(start, end) if 0 <= start < end else None


def _begin(day: str) -> datetime:
    return datetime.fromisoformat(day if len(day) > len("2020-01") else f"{day}-01").replace(tzinfo=UTC)


def _after(day: str) -> datetime:
    begin = _begin(day)
    return begin + timedelta(days=1) if len(day) > len("2020-01") else (begin + timedelta(days=32)).replace(day=1)


def venue_of(text: str) -> str | None:
    """First venue that a text names; of one with several markets, the one of perpetuals. None where it names none.

    **Source**: the names and aliases of the catalogue.

    Examples
    --------
    >>> venue_of("Binance USD-M perps + spot"), venue_of("Hyperliquid BTC, ../data/x.parquet"), venue_of("11 CEX, one-minute")
    ('binanceusdm', 'hyperliquid', None)
    """
    return next(_venues(text), None)


def _venues(text: str) -> Iterator[str]:
    """Yield the venues that a text names, in its order."""
    words = re.findall(r"[A-Za-z][\w.-]*", text)
    for k in range(len(words)):
        if not words[k][0].isupper():
            continue
        for length in (3, 2, 1):
            found = _venue(" ".join(words[k : k + length])) if k + length <= len(words) else None
            if found is not None:
                yield LINEAR_OF.get(found, found)
                break


def unclear(check: Check, paths: Iterable[tuple[str, ...]]) -> str | None:
    """Tell what in the words of a check on perpetuals and coins we would misread; None where nothing is.

    Parameters
    ----------
    paths : names that lead to its numbers.

    **Source**: definition; a number is recomputed from what its text names, or not at all.

    Examples
    --------
    >>> unclear(Check("mean", inputs={"data": "Binance spot + OKX perps, 2021-12..2022-02"}), [])
    'the data name several venues, binance and okx'
    """
    data = check.inputs.get("data")
    if not isinstance(data, str):
        return None
    houses = list(dict.fromkeys(re.sub("(?:usdm|coinm)$", "", venue) for venue in _venues(data)))
    if len(houses) > 1:
        return f"the data name several venues, {' and '.join(houses)}"
    if re.search(r"\b(?:spot|perps?|mark)\b", data, re.IGNORECASE) and (other := _OTHERWISE.search(data)):
        return f"the data speak of {other[0]!r}, and these numbers are made of hourly closes of last trades"
    words = re.split(r"[^a-z0-9]+", " ".join((check.name, *(part for path in paths for part in path))).lower())
    days = {"days"} if "days" in words and any("half" in word for word in words) else set[str]()
    changed = (
        days | _CHANGED.intersection(words) | {a for a, b in pairwise([*words, ""]) if a in {"max", "min"} and b not in {"dd", "drawdown"}}
    )
    return f"the numbers are said to be of {min(changed)!r}, which no measure of ours is" if changed else None


def spot_of(venue: str, symbol: str, coin: str) -> tuple[str, str]:
    """Venue and symbol of the coin that a perpetual is compared with: in the money of the perpetual, USDT where that is dollars.

    **Source**: definition.

    Examples
    --------
    >>> spot_of("binanceusdm", "BTC/USDC:USDC", "BTC"), spot_of("bybit", "BTC/USDT:USDT", "BTC")
    (('binance', 'BTC/USDC'), ('bybit', 'BTC/USDT'))
    """
    return venue.removesuffix("usdm"), f"{coin}/{'USDC' if '/USDC' in symbol else 'USDT'}"


def _venue(text: str) -> str | None:
    try:
        return resolve_venue(text)
    except InputError:
        return None


def symbol_of(shelf: Seen, venue: str, coin: str) -> str:
    """Symbol under which the store holds the perpetual of a coin; the usual one where it holds none.

    **Source**: the rows of the store.
    """
    names = [f"{coin}/{quote}:{settle}" for quote in QUOTES for settle in (quote, coin)]
    return next((name for name in names if shelf.has(FUNDING, kind="settled", venue=venue, symbol=name)), f"{coin}/USDT:USDT")


def settled(shelf: Seen, venue: str, symbol: str, span: Span) -> pl.DataFrame:
    """Settled fixings of a contract in a window, by slot, as `analysis.series.fixings` gives them.

    **Source**: the rows of the store.
    """
    return fixings(shelf.part(FUNDING, span, kind="settled", market_list="", symbol=symbol, venue=venue))
