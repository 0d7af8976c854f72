"""What did the order book look like at each of these moments?

Recordings are replayed message by message: a snapshot replaces the book, a change sets or deletes levels, a best quote
changes nothing. Update ids decide what is old. A book whose ids have a hole is no book until the next snapshot; one
that is crossed is refused, with the date, unless its feed is one in which the older of two crossing levels yields.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

Clock = Literal["sent", "received"]
Levels: TypeAlias = list[tuple[float, float]]
NEVER = -1
LEVELS = 200
"""Levels kept a side; impact notionals of the documented rules fill well inside."""


class Message(NamedTuple):
    """One line of a recording; ids are None where the venue sends none, `at` is ms UTC."""

    at: int
    kind: str
    first: int | None
    last: int | None
    previous: int | None
    bids: Levels
    asks: Levels


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no book from `at` (ms UTC) on: crossed, or updates are missing."""

    at: int
    kind: Literal["crossed", "hole"]
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Ladders:
    """Books at n moments, best level first; rows of NaN where there was no book, quantity 0 below the last level.

    Parameters
    ----------
    at : (n,) ms UTC. bid_prices, bid_quantities, ask_prices, ask_quantities : (n, levels), quantities as the venue counts them.
    faults : what was refused, in order of time.
    """

    at: Ints
    bid_prices: Floats
    bid_quantities: Floats
    ask_prices: Floats
    ask_quantities: Floats
    faults: tuple[Fault, ...]


@dataclass(slots=True)
class Side:
    """One side of a live book: prices in rising order, quantity and update id of each."""

    prices: list[float] = field(default_factory=list)
    held: dict[float, tuple[float, int]] = field(default_factory=dict)
    gone: dict[float, int] = field(default_factory=dict)

    def change(self, price: float, quantity: float, update: int) -> None:
        """Set or (quantity 0) delete a level, unless a newer update has touched it."""
        present = price in self.held
        if update < (self.held[price][1] if present else self.gone.get(price, NEVER)):
            return
        if quantity > 0:
            if not present:
                insort(self.prices, price)
                self.gone.pop(price, None)
            self.held[price] = (quantity, update)
        else:
            if present:
                self.drop(price)
            self.gone[price] = update

    def drop(self, price: float) -> None:
        """Take a level out."""
        del self.prices[bisect_left(self.prices, price)]
        del self.held[price]


@dataclass(slots=True)
class LiveBook:
    """A book while it is replayed.

    Parameters
    ----------
    older_yields : whether the older of two crossing levels is taken out (feeds whose updates arrive out of order).
    """

    older_yields: bool = False
    bids: Side = field(default_factory=Side)
    asks: Side = field(default_factory=Side)
    last: int | None = None
    ready: bool = False
    waiting: list[Message] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def see(self, message: Message) -> None:
        """Apply one message."""
        if message.kind == "snapshot":
            self.bids, self.asks, self.last, self.ready = Side(), Side(), message.last, True
            self._apply(message)
            waiting, self.waiting = self.waiting, []
            for held in waiting:
                self.see(held)
        elif message.kind == "change":
            if self.ready:
                self._change(message)
            else:
                self.waiting.append(message)

    def _change(self, message: Message) -> None:
        if message.last is None or self.last is None:
            self._apply(message)
            return
        if message.last < self.last:
            return
        if self.older_yields:  # ids do not follow each other: each level keeps its own, `last` stays the snapshot's
            self._apply(message)
            return
        if not self._continues(message):
            self.ready = False
            self.waiting.append(message)
            self.faults.append(Fault(message.at, "hole", f"updates after {self.last} are missing: the next one covers {message.first}"))
            return
        self._apply(message)
        self.last = message.last

    def _continues(self, message: Message) -> bool:
        last = self.last or 0
        if message.previous is not None and message.previous == last:
            return True
        if message.first is None or message.last is None:
            return message.previous is None
        return message.first <= last + 1 <= message.last + 1

    def _apply(self, message: Message) -> None:
        update = NEVER if message.last is None else message.last
        for side, levels in ((self.bids, message.bids), (self.asks, message.asks)):
            for price, quantity in levels:
                side.change(price, quantity, update)

    def crossed(self) -> bool:
        """Whether the best bid is not below the best ask, after older levels have yielded where they do."""
        bids, asks = self.bids, self.asks
        while bids.prices and asks.prices and bids.prices[-1] >= asks.prices[0]:
            bid, ask = bids.prices[-1], asks.prices[0]
            if not self.older_yields or bids.held[bid][1] == asks.held[ask][1]:
                return True
            side, price = (bids, bid) if bids.held[bid][1] < asks.held[ask][1] else (asks, ask)
            side.drop(price)
        return False


def replay(frame: pl.DataFrame, at: Ints, levels: int = LEVELS, clock: Clock = "sent") -> Ladders:
    """Books of one contract at the moments `at`, each as it stood after every message up to that moment.

    Parameters
    ----------
    frame : rows of the table `book_messages` of one contract; of recordings that overlap the earliest counts.
    at : (n,) ms UTC, rising. levels : levels kept a side.
    clock : which time of a message counts: the venue's, or that of its arrival.
    """
    import numpy as np

    rows = list(messages(frame, clock))
    book = LiveBook(older_yields=out_of_order(rows))
    shape = (len(at), levels)
    sides = [np.full(shape, np.nan) for _ in range(4)]
    lost: list[Fault] = []
    k = 0
    for message in rows:
        while k < len(at) and at[k] < message.at:
            _write(book, int(at[k]), k, sides, lost)
            k += 1
        if k == len(at):
            break
        book.see(message)
    for rest in range(k, len(at)):
        _write(book, int(at[rest]), rest, sides, lost)
    faults = sorted([*book.faults, *lost], key=lambda fault: fault.at)
    return Ladders(at, sides[0], sides[1], sides[2], sides[3], tuple(faults))


def _write(book: LiveBook, at: int, k: int, sides: list[Floats], lost: list[Fault]) -> None:
    if not book.ready:
        return
    if book.crossed():
        lost.append(Fault(at, "crossed", f"bid {book.bids.prices[-1]:g} is not below ask {book.asks.prices[0]:g}"))
        return
    depth = sides[0].shape[1]
    for side, prices, quantities, best in (
        (book.bids, sides[0][k], sides[1][k], book.bids.prices[: -depth - 1 : -1]),
        (book.asks, sides[2][k], sides[3][k], book.asks.prices[:depth]),
    ):
        worst = best[-1] if best else 1.0
        prices[:] = best + [worst] * (depth - len(best))
        quantities[:] = [side.held[p][0] for p in best] + [0.0] * (depth - len(best))


def messages(frame: pl.DataFrame, clock: Clock) -> Iterator[Message]:
    """Rows of the table `book_messages` in order: recordings by their first stamp, lines as they were recorded."""
    import polars as pl

    moment = pl.col("ts") if clock == "sent" else pl.coalesce("received", "ts")
    rows = frame.filter(pl.col("kind") != "top").with_columns(moment.dt.epoch("ms").alias("at"))
    ladders = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
    names = ("at", "kind", "first_update", "last_update", "previous_update", *ladders)
    for recording in _apart(rows):
        for at, kind, first, last, previous, bp, bq, ap, aq in recording.sort("sequence").select(names).iter_rows():
            bids, asks = (list(zip(p or (), q or (), strict=True)) for p, q in ((bp, bq), (ap, aq)))
            yield Message(at, kind, first, last, previous, bids, asks)


def _apart(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield recordings that do not overlap, in order of time; the same one imported twice comes once."""
    spans: list[tuple[Any, Any, pl.DataFrame]] = [(part["at"].min(), part["at"].max(), part) for part in rows.partition_by("source")]
    until: int | None = None
    for begun, ended, part in sorted(spans, key=lambda span: span[:2]):
        if until is None or begun > until:
            yield part
            until = ended


def out_of_order(rows: list[Message]) -> bool:
    """Whether changes carry ids but do not arrive in their order, so that each level keeps its own newest update."""
    ids = [m.last for m in rows if m.kind == "change" and m.last is not None]
    return any(b < a for a, b in pairwise(ids))
