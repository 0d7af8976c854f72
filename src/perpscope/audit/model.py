"""What did an audit find?

Plain frozen values; `Audit.to_dict` is the answer of the command, `Audit.residuals` the rows behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.infer.model import Inference


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a rule implies: whether it holds (None: it could not be tested, the detail says why), with figures and dates."""

    name: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """A run of consecutive recomputed fixings that do not match.

    Parameters
    ----------
    start, end : ISO times of its first and last slot. rows : mismatches in it.
    largest : largest published - computed (signed fraction per interval), `at` its slot.
    tolerance : allowed at that slot. rule : rule in force there.
    """

    start: str
    end: str
    rows: int
    largest: float
    at: str
    tolerance: float
    rule: str


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """One dated rule and what became of the fixings under it.

    Parameters
    ----------
    rule, status : of the catalogue. start, end : ISO times of the first and last slot under it.
    rows, recomputed, matched : counts. note : why nothing was recomputed, or what was taken for granted.
    """

    rule: str
    status: str
    start: str
    end: str
    rows: int
    recomputed: int
    matched: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a disputed rule: shown, never a gate."""

    rule: str
    reading: str
    rows: int
    recomputed: int
    matched: int
    max_abs_error: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How near a computed rate must come, fractions per interval: smallest, largest, and how they were found."""

    smallest: float | None
    largest: float | None
    stated: str


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """The verdict on one contract.

    Parameters
    ----------
    venue, symbol, market_list : of the contract.
    rows : published settled fixings in range.
    recomputed : those whose inputs are at hand, whole; matched : those of them within their tolerance.
    max_abs_error : largest |published - computed|, the computed rate before its last rounding; None where nothing was recomputed.
    checks : what the rule implies. certificate : what the rows rest on.
    not_recomputable : reason -> rows. departures : runs of mismatches. largest : the rows furthest off.
    rules : rules in force, by era. readings : of disputed rules. explain : the story, a sentence each.
    inference : what the search for a fitting rule found; None where it was not asked for.
    residuals : slot, published, computed, tolerance, matched of every recomputed row.
    """

    venue: str
    symbol: str
    market_list: str
    rows: int
    recomputed: int
    matched: int
    max_abs_error: float | None
    tolerance: Tolerance
    checks: tuple[Check, ...] = ()
    certificate: Mapping[str, Any] = field(default_factory=dict)
    not_recomputable: Mapping[str, int] = field(default_factory=dict)
    departures: tuple[Departure, ...] = ()
    largest: tuple[Departure, ...] = ()
    rules: tuple[RuleUsed, ...] = ()
    readings: tuple[Reading, ...] = ()
    explain: tuple[str, ...] = ()
    inference: Inference | None = None
    residuals: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        """Refuse a verdict that claims more than was compared."""
        if not 0 <= self.matched <= self.recomputed <= self.rows:
            there = f"{self.matched} matched of {self.recomputed} recomputed of {self.rows}"
            raise InputError(f"the audit of {self.venue} {self.symbol}", there, "Each number is part of the next.")
        if self.recomputed + sum(self.not_recomputable.values()) != self.rows:
            there = f"{self.recomputed} recomputed, {sum(self.not_recomputable.values())} not, of {self.rows}"
            raise InputError(f"the audit of {self.venue} {self.symbol}", there, "Every row is one or the other.")

    @property
    def finding(self) -> bool:
        """Whether something is not as the rule says: a mismatch, or a check that fails."""
        return self.matched < self.recomputed or any(check.holds is False for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values, for JSON."""
        said: dict[str, Any] = {
            "venue": self.venue,
            "symbol": self.symbol,
            "rows": self.rows,
            "recomputed": self.recomputed,
            "matched": self.matched,
            "max_abs_error": self.max_abs_error,
            "checks": [asdict(check) for check in self.checks],
            "certificate": dict(self.certificate),
            "market_list": self.market_list,
            "tolerance": asdict(self.tolerance),
            "not_recomputable": dict(self.not_recomputable),
            "departures": [asdict(each) for each in self.departures],
            "largest": [asdict(each) for each in self.largest],
            "rules": [asdict(each) for each in self.rules],
            "readings": [asdict(each) for each in self.readings],
            "explain": list(self.explain),
        }
        return said if self.inference is None else {**said, "inference": self.inference.to_dict()}
