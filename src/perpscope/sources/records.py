"""What did the user write down about positions, fixings and contracts, a line of JSON each?

`{account, venue, symbol, at, quantity}` is a position held from `at` on, `{venue, symbol, at, funding_rate, interval_hours,
price}` a rate as applied. Numbers are read as the decimals they are written as. A line that cannot be used is refused with
its number, and the whole file with it: money is not worked out from half of it. Names nobody asked for are told, not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Generic, TypeVar

from perpscope.catalogue.contracts import may_settle, perpetual_venue
from perpscope.catalogue.load import SIMULATED, load_venue, resolve_symbol, resolve_venue
from perpscope.errors import InputError, PerpscopeError
from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.instrument import Instrument
from perpscope.market.number import Number
from perpscope.market.time import to_ms
from perpscope.sources.exact_json import decoded

FIRST_MS = 946_684_800_000  # 2000-01-01: a smaller integer is no time in milliseconds
LAST_MS = 4_102_444_800_000  # 2100-01-01: a larger one is none either
JITTER_MS = 1000
"""Venues stamp some milliseconds beside the minute; a fixing within this of a full minute is of that minute."""
PERCENT_LIKE = 1
_DIGITS = 60
_A_LINE = "Give one JSON object a line."
_MINUTE = 60_000
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ContractRow:
    """What a user says about one contract: size (units per contract), life (ms UTC), and numbers its rule asks for."""

    venue: str
    symbol: str
    size: Number | None = None
    listed: int | None = None
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class FixingRow:
    """A fixing as written.

    Parameters
    ----------
    accrual : "stamp" or "continuous", "" where the line does not say it. premium : averaged premium, a fraction; None where
    the line does not say it. size : units per contract, None likewise.
    """

    fixing: PublishedFixing
    accrual: str = ""
    premium: Number | None = None
    size: Number | None = None


@dataclass(frozen=True, slots=True)
class PositionRow:
    """A position as written, and the units per contract where the line says them."""

    position: Position
    size: Number | None = None


@dataclass(frozen=True, slots=True)
class Records(Generic[Row]):
    """Rows of a file, and the names in it that nobody asked for."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()


def read_positions(text: str) -> Records[PositionRow]:
    """Read positions, one JSON object a line (or one JSON list).

    Raises
    ------
    InputError
        Naming the line and what is wrong with it.
    """
    return _read(text, "positions", _position)


def read_fixings(text: str) -> Records[FixingRow]:
    """Read fixings, one JSON object a line (or one JSON list).

    Raises
    ------
    InputError
        Naming the line and what is wrong with it; a fixing without an interval is refused.
    """
    return _read(text, "fixings", _fixing)


def read_contracts(text: str) -> Records[ContractRow]:
    """Read contracts `{venue, symbol, contract_size, listed, ended}`, one JSON object a line (or one JSON list).

    Raises
    ------
    InputError
        Naming the line and what is wrong with it.
    """
    return _read(text, "contracts", _contract)


def _read(text: str, what: str, one: Callable[[_Line], Row]) -> Records[Row]:
    rows: list[Row] = []
    ignored: set[str] = set()
    for where, entry in _entries(text.removeprefix("\ufeff"), what):
        if not isinstance(entry, Mapping):
            raise InputError(where, f"{entry!r} is no object", _A_LINE)
        line = _Line(where, entry)
        try:
            row = one(line)
        except PerpscopeError as problem:
            at = problem.asked if problem.asked.startswith(where) else f"{where}: {problem.asked}"
            raise InputError(at, problem.there, problem.do) from None
        ignored |= set(entry) - set(line.read)
        rows.append(row)
    if not rows:
        raise InputError(what, "there is not one line", "Give at least one JSON object.")
    return Records(tuple(rows), tuple(sorted(ignored)))


def _entries(text: str, what: str) -> Iterator[tuple[str, Any]]:
    """Where each entry stands, and what it is."""
    if text.lstrip().startswith("["):
        for number, entry in enumerate(decoded(text, what, _A_LINE), start=1):
            yield f"{what}, entry {number}", entry
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"{what}, line {number}"
            yield where, decoded(line, where, _A_LINE)


@dataclass(slots=True)
class _Line:
    """One object being read, which remembers what was asked of it."""

    where: str
    entry: Mapping[str, Any]
    read: Iterable[str] = ()

    def has(self, name: str) -> bool:
        self.read = {*self.read, name}
        return self.entry.get(name) is not None

    def text(self, name: str) -> str:
        self.need(name)
        value = self.entry[name]
        if not isinstance(value, str) or not value.strip():
            raise InputError(self.where, f"{name} is {value!r}", "Give a text.")
        return value.strip()

    def number(self, name: str) -> Fraction:
        self.need(name)
        value = self.entry[name]
        found = _decimal(value)
        if found is None or not found.is_finite():
            raise InputError(self.where, f"{name} is {value!r}, not a number", "Give a decimal number.")
        if found and abs(found.adjusted()) > _DIGITS:
            raise InputError(self.where, f"{name} is {found:.3e}, beyond all use", "Give a number of ordinary magnitude.")
        return Fraction(found)

    def moment(self, name: str) -> int:
        self.need(name)
        value = self.entry[name]
        if isinstance(value, str) and not value.strip().lstrip("-").isdigit():
            return to_ms(value)
        ms = int(self.number(name))
        if not FIRST_MS <= ms < LAST_MS:
            wrong = "small" if ms < FIRST_MS else "large"
            raise InputError(
                self.where, f"{name} is {value}, too {wrong} for milliseconds since 1970", "Give milliseconds, or an ISO time."
            )
        return ms

    def need(self, name: str) -> None:
        if not self.has(name):
            has = ", ".join(self.entry) or "nothing"
            there = f"{name} is null" if name in self.entry else f"{name} is missing (it has {has})"
            raise InputError(self.where, there, _WHY.get(name, f"Give {name}."))

    def size(self) -> Fraction | None:
        """Units per contract, where the line says them."""
        found = next((self.number(name) for name in ("contract_size", "multiplier") if self.has(name)), None)
        if found is not None and found <= 0:
            raise InputError(self.where, f"a contract size of {float(found):g}", "Give the units per contract, a positive number.")
        return found

    def who(self) -> tuple[str, str]:
        """Venue id and unified symbol of a perpetual, resolved as everywhere else."""
        venue = perpetual_venue(resolve_venue(self.text("venue")), self.text("symbol"))
        found = resolve_symbol(venue, self.text("symbol"))
        symbol = found.symbol if isinstance(found, Instrument) else found
        asset = Contract.of_symbol(symbol, 1).asset
        if not may_settle(load_venue(venue.removeprefix(SIMULATED)), symbol):
            raise InputError(f"{self.where}: {venue} {symbol}", f"{venue} settles nothing in {asset}", "Look at the asset after the colon.")
        return venue, symbol


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


_WHY = {
    "interval_hours": "State the hours the rate is for; it is never assumed to be 8 h.",
    "quantity": "Give the contracts held from then on, signed: long above zero.",
    "at": "Give the moment: an ISO time with its zone, or milliseconds since 1970 UTC.",
}


def _position(line: _Line) -> PositionRow:
    venue, symbol = line.who()
    held = Position(line.text("account"), venue, symbol, line.moment("at"), line.number("quantity"))
    return PositionRow(held, line.size())


def _fixing(line: _Line) -> FixingRow:
    venue, symbol = line.who()
    rate = line.number("funding_rate")
    if not -PERCENT_LIKE < rate < PERCENT_LIKE:
        raise InputError(line.where, f"funding_rate is {float(rate):g}, more than the whole notional", "Give a fraction: 0.01 % is 0.0001.")
    price = line.number("price") if line.has("price") else None
    accrual = line.text("accrual") if line.has("accrual") else ""
    if accrual not in {"", "stamp", "continuous"}:
        raise InputError(line.where, f"accrual is {accrual!r}", "Give stamp or continuous.")
    premium = line.number("premium") if line.has("premium") else None
    per_base = line.number("per_base") if line.has("per_base") else None
    at, hours = _slot(line.moment("at")), line.number("interval_hours")
    fixing = PublishedFixing(venue, symbol, at, rate, hours, price, per_base=per_base)
    return FixingRow(fixing, accrual, premium, line.size())


def _slot(ms: int) -> int:
    """Return the full minute that a stamp is of, where it lies a little beside one."""
    minute = round(ms / _MINUTE) * _MINUTE
    return minute if abs(ms - minute) <= JITTER_MS else ms


def _contract(line: _Line) -> ContractRow:
    venue, symbol = line.who()
    size = line.size()
    listed = line.moment("listed") if line.has("listed") else None
    ended = line.moment("ended") if line.has("ended") else None
    if listed is not None and ended is not None and ended < listed:
        raise InputError(line.where, "it ended before it was listed", "Swap listed and ended.")
    return ContractRow(venue, symbol, size, listed, ended)
