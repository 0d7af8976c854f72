"""What does a report need to know? Plain values, handed in by whoever ran the import, the check and the audit.

The report reads no store and no clock. Verdicts arrive in the shape of the command contract (`audit`, `data check`,
`data import` as JSON), so a report can also be made from saved answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from perpscope.analysis.terms import Terms

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a rule implies: whether it holds (None: it could not be tried), and what was seen."""

    name: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """The verdict on one contract.

    Parameters
    ----------
    venue, symbol, market_list : of the contract.
    rows, recomputed, matched : published fixings, those whose inputs are at hand, and those of them that match.
    max_abs_error : largest |published - computed|, fraction per interval; None where nothing was recomputed.
    checks : what the rule implies and whether it holds.
    certificate : name and value of each fact the numbers rest on.
    explain : the story of the verdict, a sentence each: why matched, why not recomputable.
    residuals : slot (time), published, computed, tolerance (fractions per interval), or None.
    """

    venue: str
    symbol: str
    rows: int
    recomputed: int
    matched: int
    max_abs_error: float | None = None
    checks: tuple[Check, ...] = ()
    certificate: Facts = ()
    market_list: str = ""
    explain: tuple[str, ...] = ()
    residuals: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        """Refuse a verdict that claims more than it compared."""
        if not 0 <= self.matched <= self.recomputed <= self.rows:
            raise InputError(
                f"the audit of {self.venue} {self.symbol}",
                f"{self.matched} matched of {self.recomputed} recomputed of {self.rows}",
                "Each number is part of the next.",
            )

    @property
    def failing(self) -> int:
        """How many checks do not hold."""
        return sum(check.holds is False for check in self.checks)

    @property
    def finding(self) -> bool:
        """Whether a recomputed rate does not match or a check does not hold."""
        return self.matched < self.recomputed or self.failing > 0

    @classmethod
    def of(cls, answer: Mapping[str, Any], residuals: pl.DataFrame | None = None) -> Audit:
        """Read the JSON answer of `audit`."""
        checks = tuple(Check(str(c["name"]), c["holds"], str(c.get("detail") or "")) for c in answer.get("checks", ()))
        return cls(
            venue=str(answer["venue"]),
            symbol=str(answer["symbol"]),
            rows=int(answer["rows"]),
            recomputed=int(answer["recomputed"]),
            matched=int(answer["matched"]),
            max_abs_error=answer.get("max_abs_error"),
            checks=checks,
            certificate=facts_of(answer.get("certificate")),
            market_list=str(answer.get("market_list") or ""),
            explain=tuple(str(line) for line in answer.get("explain", ())),
            residuals=residuals,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of the data check; `start` and `end` are ISO texts or empty."""

    table: str
    venue: str
    symbol: str
    kind: str
    start: str = ""
    end: str = ""
    detail: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Problem:
        """Read one problem of the JSON answer of `data check`."""
        texts = {name: str(row.get(name) or "") for name in ("table", "venue", "symbol", "kind", "detail")}
        return cls(**texts, start=str(row.get("from") or ""), end=str(row.get("to") or ""))


@dataclass(frozen=True, slots=True)
class SourceNote:
    """One source of the manifest: where rows came from and on what terms.

    Parameters
    ----------
    id, name, sha256 : of the source.
    licence : as its publisher states it; empty means none stated.
    table, rows : what it gave.
    synthetic : whether the rows were generated and are no market.
    facts : what the columns did not carry.
    """

    id: str
    name: str
    licence: str = ""
    table: str = "funding"
    rows: int = 0
    sha256: str = ""
    synthetic: bool = False
    facts: Facts = ()


@dataclass(frozen=True, slots=True, eq=False)
class ReportInputs:
    """Everything a report is made of.

    Parameters
    ----------
    funding : conformed frame of the table `funding`, one row per key (current rows).
    now_ms : the moment the report is made.
    terms : interest terms and limits by dated rule.
    audits, problems, sources : what the other verbs answered.
    certificate : completeness certificate of `funding` as a whole.
    made_by : name and version of the program.
    """

    funding: pl.DataFrame
    now_ms: int
    terms: Sequence[Terms] = ()
    audits: Sequence[Audit] = ()
    problems: Sequence[Problem] = ()
    sources: Sequence[SourceNote] = ()
    certificate: Facts = field(default=())
    made_by: str = "perpscope"

    @property
    def synthetic(self) -> frozenset[str]:
        """Ids of the sources that hold generated data."""
        return frozenset(source.id for source in self.sources if source.synthetic)


def facts_of(certificate: object) -> Facts:
    """Flatten a certificate (a mapping, nested or not, or a text) into names and values."""
    if not certificate:
        return ()
    if not isinstance(certificate, Mapping):
        return (("certificate", str(certificate)),)
    out: list[tuple[str, str]] = []
    for name, value in certificate.items():
        if isinstance(value, Mapping):
            out += [(f"{name} {inner}", text) for inner, text in facts_of(value)]
        elif isinstance(value, (list, tuple)):
            out.append((str(name), _items(value)))
        else:
            out.append((str(name), "unknown" if value is None else str(value)))
    return tuple(out)


def _items(values: Sequence[object]) -> str:
    """Write a list in one line: plain things as they are, of records the first three and how many more."""
    if not any(isinstance(value, Mapping) for value in values):
        return ", ".join(str(value) for value in values) or "none"
    told = [", ".join(f"{name} {text}" for name, text in facts_of(value)) for value in values[:3]]
    return "; ".join(told) + (f"; and {len(values) - 3} more" if len(values) > len(told) else "")
