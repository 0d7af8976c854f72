"""What became of a receipt, and how is that told?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from perpscope.audit.reconcile.span import Span
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.time import to_text

Outcome = Literal["explained", "off", "missing input", "unexpected"]
Digits = Literal["exact", "cut", "rounded", "inputs cut"]
"""How closely a payment follows: to its last digit from the numbers as printed; so, if its last digits were cut off; within what
the rounded digits of rate and price leave open; or within what cut ones do."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that would explain a difference: its name, and what exactly."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Used:
    """An input that the expectation was worked out from, and where it comes from."""

    value: Printed
    origin: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one receipt.

    Parameters
    ----------
    receipt : the line, with the symbol that was found for it. outcome : explained, off, missing input or unexpected.
    expected : what the payment lies between, in the settle asset; None where it could not be worked out.
    tolerance : largest difference that still counts as equal: half a unit of the last printed digit, and what the printed digits
        of rate and price leave open. digits : how closely it follows, see `Digits`.
    quantity, rate, price : what was used. causes : what would explain it, likeliest first. lacks : inputs that are missing.
    implied : name to what follows from the others. notes : what else a reader should know.
    """

    receipt: Receipt
    outcome: Outcome
    expected: Span | None = None
    tolerance: Fraction | None = None
    digits: Digits = "rounded"
    quantity: Used | None = None
    rate: Used | None = None
    price: Used | None = None
    causes: tuple[Cause, ...] = ()
    lacks: tuple[str, ...] = ()
    implied: Mapping[str, Span] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; numbers as printed where they were printed."""
        paid, expected = self.receipt, None if self.expected is None else self.expected.middle
        return {
            "venue": paid.venue,
            "symbol": paid.symbol,
            "at": to_text(paid.at),
            "asset": paid.asset,
            "amount": float(paid.amount.value),
            "printed": str(paid.amount),
            "verdict": self.outcome,
            "expected": None if expected is None else float(expected),
            "difference": None if expected is None else float(paid.amount.value - expected),
            "tolerance": None if self.tolerance is None else float(self.tolerance),
            "digits": self.digits if self.outcome == "explained" else None,
            "quantity": _used(self.quantity),
            "rate": _used(self.rate),
            "price": _used(self.price),
            "causes": [{"cause": cause.name, "detail": cause.detail} for cause in self.causes],
            "lacks": list(self.lacks),
            "implied": {name: {"low": float(span.low), "high": float(span.high)} for name, span in self.implied.items()},
            "notes": [note for note in (*self.notes, paid.note) if note],
            "id": paid.id or None,
            "origin": paid.origin,
        }


def _used(used: Used | None) -> dict[str, Any] | None:
    return None if used is None else {"value": float(used.value.value), "printed": str(used.value), "from": used.origin}


@dataclass(frozen=True, slots=True)
class Absent:
    """A stamp at which a position was held and a rate decided, and no receipt is there.

    Parameters
    ----------
    expected : what would have been paid; None where the price is missing.
    """

    venue: str
    symbol: str
    at: int
    quantity: Fraction
    rate: Fraction
    asset: str
    expected: Span | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "venue": self.venue,
            "symbol": self.symbol,
            "at": to_text(self.at),
            "asset": self.asset,
            "quantity": float(self.quantity),
            "rate": float(self.rate),
            "expected": None if self.expected is None else float(self.expected.middle),
        }


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of a statement."""

    verdicts: tuple[Verdict, ...]
    missing: tuple[Absent, ...]

    @property
    def finding(self) -> bool:
        """Whether anything is not explained."""
        return bool(self.missing) or any(v.outcome != "explained" for v in self.verdicts)

    def totals(self) -> dict[str, dict[str, float | int]]:
        """Return sums per asset: received (net), explained, unexplained, and what was expected and is not there."""
        found: dict[str, dict[str, Fraction | int]] = {}
        for verdict in self.verdicts:
            own = found.setdefault(verdict.receipt.asset, _nothing())
            explained = verdict.outcome == "explained"
            for name in ("received", "explained" if explained else "unexplained"):
                own[name] += verdict.receipt.amount.value
            own["receipts"] += 1
            own["not_explained"] += int(not explained)
        for absent in self.missing:
            own = found.setdefault(absent.asset, _nothing())
            own["missing"] += 1
            own["expected_missing"] += 0 if absent.expected is None else absent.expected.middle
        return {asset: {name: n if isinstance(n, int) else float(n) for name, n in own.items()} for asset, own in sorted(found.items())}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "receipts": [verdict.to_dict() for verdict in self.verdicts],
            "missing": [absent.to_dict() for absent in self.missing],
            "totals": self.totals(),
        }


def _nothing() -> dict[str, Fraction | int]:
    money: dict[str, Fraction | int] = {name: Fraction(0) for name in ("received", "explained", "unexplained", "expected_missing")}
    return {**money, "receipts": 0, "not_explained": 0, "missing": 0}
