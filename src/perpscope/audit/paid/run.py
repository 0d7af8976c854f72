"""What did these positions pay and receive?

Joins files and store: positions meet the fixings of a file or, without one, those of the store, each contract by the terms
that the catalogue and the user know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.paid.doubts import notes_of_fixings, notes_of_payments, notes_of_terms
from perpscope.audit.paid.stored import first_moments, stored_fixings, stored_lives
from perpscope.audit.paid.terms import accrued, said, terms_of
from perpscope.errors import InputError
from perpscope.market.funding import Payment
from perpscope.market.number import to_float
from perpscope.market.time import to_text
from perpscope.sources.records import ContractRow, FixingRow, PositionRow
from perpscope.trading.settle import Key, Listing, Missing, Settled, settle

if TYPE_CHECKING:
    from perpscope.store import Store


@dataclass(frozen=True, slots=True)
class Paid:
    """A settled run: what was settled, by which terms, and from which fixings."""

    settled: Settled
    terms: Mapping[Key, Sequence[Listing]]
    positions: tuple[PositionRow, ...]
    fixings: tuple[FixingRow, ...]

    @property
    def notes(self) -> list[str]:
        """Say what was assumed, estimated, ignored, doubted, and what is missing."""
        rows = [row.fixing for row in self.fixings]
        return [*notes_of_terms(self.terms), *notes_of_fixings(self.terms, rows), *notes_of_payments(self.settled)]

    def document(self) -> dict[str, object]:
        """Write the run for a machine."""
        return {
            "payments": [payment_row(p) for p in self.settled.payments],
            "totals_by_asset": dict(self.settled.totals),
            "conservation_error": max((abs(to_float(x)) for x in self.settled.conservation_error.values()), default=0.0),
            "conservation_error_by_asset": dict(self.settled.conservation_error),
            "ignored_fixings": len(self.settled.ignored),
            "holes": [
                {"venue": hole.venue, "symbol": hole.symbol, "start": to_text(hole.start), "end": to_text(hole.end)}
                for hole in self.settled.holes
            ],
            "notes": self.notes,
        }


def payment_row(p: Payment) -> dict[str, object]:
    """Write one payment for a machine; positive amounts are received."""
    return {
        "account": p.account,
        "venue": p.venue,
        "symbol": p.symbol,
        "at": to_text(p.at),
        "quantity": p.quantity,
        "funding_rate": p.rate,
        "interval_hours": p.interval_hours,
        "price": p.price,
        "amount": p.amount,
        "asset": p.asset,
        "estimated": p.estimated,
        "possible_error": p.possible_error,
        "doubt": p.doubt or None,
    }


def run_settlement(
    positions: Sequence[PositionRow],
    fixings: Sequence[FixingRow] | None,
    contracts: Iterable[ContractRow] = (),
    *,
    store: Store | None = None,
    missing_price: Missing = "stop",
) -> Paid:
    """Settle positions against the fixings of a file, or of `store` where there is no file.

    Raises
    ------
    InputError
        When a contract is held of which no fixing is known, or the rows contradict each other.
    NotEnoughData
        When the store holds no fixing of a contract.
    """
    moments = first_moments(((r.position.venue, r.position.symbol), r.position.at) for r in positions)
    rows = list(fixings) if fixings is not None else _from_store(store, moments, estimate=missing_price == "estimate")
    told = said(positions, rows, contracts)
    lives = {key: stored_lives(store, key) for key in moments} if fixings is None and store is not None else {}
    last = max((row.fixing.at for row in rows), default=0)
    terms = {key: terms_of(key, (at, max(at, last)), told, lives.get(key, ())) for key, at in moments.items()}
    paid = settle([r.position for r in positions], accrued(rows, terms), terms, missing_price=missing_price)
    return Paid(paid, terms, tuple(positions), tuple(rows))


def _from_store(store: Store | None, moments: Mapping[Key, int], *, estimate: bool) -> list[FixingRow]:
    if store is None:
        raise InputError("fixings", "neither a file nor a store", "Give --fixings FILE, or a store.")
    return [row for key, at in moments.items() for row in stored_fixings(store, key, at, None, estimate=estimate)]
