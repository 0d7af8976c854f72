"""Which venue's line is this, by its keys, and what does it say?

A `Line` is one object of a JSON file or one row of a table. A shape names the keys a line must have; the first that fits
reads it. A reader returns a receipt, or a text that says why the line is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.errors import InputError
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_ms
from perpscope.sources.receipts.clock import in_zone
from perpscope.sources.symbols import assets_of, plain

_BLANK = ("", "--", "-")
FIRST_MS = 1_199_145_600_000  # 2008-01-01: before it there was nothing to pay funding on
_PER_MS = ((4.2e9, Fraction(1, 1000)), (4.2e12, Fraction(1)), (4.2e15, Fraction(1000)), (4.2e18, Fraction(1_000_000)))
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement.

    Parameters
    ----------
    where : file and row, in words. entry : its names and values; numbers as ints, Decimals or texts.
    venue : venue id the user stated, "" where none. zone : time zone the user stated, "" where none.
    """

    where: str
    entry: Mapping[str, Any]
    venue: str = ""
    zone: str = ""

    def has(self, name: str) -> bool:
        """Whether the line says anything under this name."""
        return self.entry.get(name) not in (None, *_BLANK)

    def text(self, name: str) -> str:
        """Return a value as text, "" where it is absent."""
        return str(self.entry[name]).strip() if self.has(name) else ""

    def printed(self, name: str, *, at_least: int | None = None) -> Printed:
        """Read a number with its last digit.

        Raises
        ------
        InputError
            When it is absent or no number.
        """
        if not self.has(name):
            raise InputError(self.where, f"{name} is missing", f"Export the statement with {name}.")
        value = self.entry[name]
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise InputError(self.where, f"{name} is {value!r}, not a number", "Give it as it is printed.")
        try:
            return Printed.read(value.replace(",", "") if isinstance(value, str) else value, at_least=at_least)
        except InputError as problem:
            raise InputError(f"{self.where}, {name}", problem.there, problem.do) from None

    def maybe(self, name: str) -> Printed | None:
        """Read a number with its last digit; None where it is absent."""
        return self.printed(name) if self.has(name) else None

    def number(self, name: str) -> Fraction:
        """Read a number that is exact."""
        return self.printed(name).value

    def moment(self, name: str) -> int:
        """Read a time in ms UTC: a number since 1970, or an ISO text; a text without a zone needs the one the user states.

        Raises
        ------
        InputError
            When it is no time, or nobody's.
        """
        text = self.text(name)
        if re.fullmatch(r"\d+(\.\d+)?", text):
            number = Fraction(text)
            ms = next((int(number / scale) for top, scale in _PER_MS if number < top), 0)
            if ms >= FIRST_MS:
                return ms
        elif _CLOCK.fullmatch(text):
            return self.local(text)
        elif text:
            return _iso(f"{self.where}, {name}", text)
        raise InputError(self.where, f"{name} is {text or 'missing'}, no time since 2008", "Give an ISO time, or a number since 1970.")

    def local(self, text: str) -> int:
        """Read a clock without a zone in the zone the user states."""
        if not self.zone:
            there = f"the time {text} names no time zone"
            raise InputError(self.where, there, "State it with --timezone: UTC, +08:00 or Europe/Berlin.")
        return in_zone(text, self.zone, self.where)

    def unified(self, venue: str, native_id: str, *, inverse: bool = False) -> str:
        """Unified symbol that a native id names at a venue.

        Raises
        ------
        InputError
            When nobody knows which assets it names.
        """
        known = load_venue(venue).instrument(native_id) if venue in venue_ids() else None
        if known is not None:
            return known.symbol
        assets = assets_of(venue, native_id, "inverse" if inverse else "linear", {})
        if assets is None:
            there = f"{venue} {native_id} does not say its quote and settle asset"
            raise InputError(self.where, there, "Give the statement in ccxt's form or as a plain CSV, with symbols such as BTC/USDT:USDT.")
        return assets.symbol


def _iso(where: str, text: str) -> int:
    try:
        return to_ms(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except InputError as problem:
        raise InputError(where, f"{text!r}: {problem.there}", problem.do) from None


Read: TypeAlias = Callable[[Line], Receipt | str]


@dataclass(frozen=True, slots=True)
class ReceiptShape:
    """One kind of line.

    Parameters
    ----------
    name : words for it. read : reads a line; a text says why it is no receipt. has : names that must be there.
    says : name to a pattern its value must match whole.
    """

    name: str
    read: Read
    has: tuple[str, ...]
    says: tuple[tuple[str, str], ...] = ()

    def fits(self, entry: Mapping[str, Any]) -> bool:
        """Whether a line is of this kind."""
        return all(name in entry for name in self.has) and all(
            re.fullmatch(pattern, str(entry.get(name, ""))) for name, pattern in self.says
        )


def asset(code: str) -> str:
    """Asset in the common spelling: XBT and XBt are BTC, USDt is USDT."""
    return plain(code.strip().upper())


def settles_in(symbol: str) -> str:
    """Asset a unified symbol settles in."""
    return symbol.partition(":")[2]


def is_long(side: str, where: str) -> bool:
    """Whether a side means long: buy and long do, sell and short do not.

    Raises
    ------
    InputError
        When the side is none of these.
    """
    word = side.strip().lower()
    if word not in {"buy", "long", "sell", "short"}:
        raise InputError(where, f"the side {side!r}", "It is buy, long, sell or short.")
    return word in {"buy", "long"}


def by_the_holder(rate: Printed, *, long: bool) -> Printed:
    """Funding rate of a rate stated as what this holder pays."""
    return rate if long else -rate
