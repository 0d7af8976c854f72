"""Which rule decided each published fixing?

The one in force when its averaging window ended: at the slot itself, or one interval before it where the venue fixes
a rate one interval before it is paid. Rules and contract numbers are dated, so a history falls into eras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from perpscope.catalogue.schema import DatedRule, Venue
from perpscope.errors import CatalogueError
from perpscope.market.number import Number, to_float
from perpscope.market.time import FOREVER
from perpscope.mechanisms.rule import Rule

if TYPE_CHECKING:
    from perpscope.audit.facts import Floats, Ints, KnownNumber, Series, Subject

DISPUTED = "disputed"


@dataclass(frozen=True, eq=False)
class Era:
    """Fixings under one dated rule with one set of contract numbers.

    Parameters
    ----------
    dated : the rule as written. numbers : the contract's numbers at the time. rows : indices into the series, rising.
    lag : intervals between the end of the averaging window and the slot; None where the rule does not know.
    sure : whether it is established that this rule, and not its neighbour in time, was in force.
    """

    dated: DatedRule
    numbers: Mapping[str, Number]
    rows: Ints
    lag: int | None
    sure: bool = True

    @cached_property
    def from_averages(self) -> Rule | str:
        """Rule that turns averaged premiums into rates, or why there is none."""
        return self._built(averaged=True, sampled=False)

    @cached_property
    def from_samples(self) -> Rule | str:
        """Rule that turns premium samples into rates, or why there is none."""
        return self._built(averaged=False, sampled=True)

    @property
    def gates(self) -> bool:
        """Whether a mismatch under this rule is a finding: it is undisputed, and its dates are established."""
        return self.sure and self.dated.status != DISPUTED

    def _built(self, *, averaged: bool, sampled: bool) -> Rule | str:
        try:
            return self.dated.build(self.numbers, averaged=averaged, sampled=sampled)
        except CatalogueError as problem:
            return f"the rule {self.dated.id} cannot fix: {problem.there}"

    def limit(self, name: str, hours: Floats) -> Floats | None:
        """One outer bound of the formula (cap, floor or change) per row of `hours`; None where it is absent or unknown."""
        import numpy as np

        formula = self.dated.parts["formula"]
        value, per, told = formula.get(name), formula.get("limit_per"), self.numbers.get(f"formula.{name}")
        if told is None and (value is None or not value.known or any(n not in self.numbers for n in value.names)):
            return None
        bound = np.full(len(hours), to_float(told if told is not None else value.number(self.numbers) if value else 0.0))
        if name != "change" and per is not None:
            if not per.known:
                return None
            length = float(per.number({}))
            bound = bound * hours / length if length else bound
        return bound


def agreed(eras: tuple[Era, ...]) -> tuple[Era, ...]:
    """Of disputed eras with established dates, one for each span whose readings differ only in how they look at the market.

    What such readings imply for published rates (limits, atoms, stamps) is the same, so a check may speak of it.
    """
    found: list[Era] = []
    for era in eras:
        readings = [e for e in eras if e.sure and e.dated.status == DISPUTED and len(e.rows) and e.rows[0] == era.rows[0]]
        if not readings or era is not readings[0] or len(readings) < 2:  # noqa: PLR2004 - one reading alone settles nothing
            continue
        alike = {repr({k: v for k, v in e.dated.parts.items() if k != "observe"} | dict(e.numbers)) for e in readings}
        if len(alike) == 1 and len({len(e.rows) for e in readings}) == 1:
            found.append(era)
    return tuple(found)


def lag_of(dated: DatedRule) -> int | None:
    """Intervals between the end of the averaging window and the payment; None where the rule does not know."""
    lag = dated.parts["schedule"].get("lag")
    if lag is None:
        return 0
    return int(lag.number({})) if lag.known else None


def eras_of(venue: Venue, subject: Subject, series: Series, known: tuple[KnownNumber, ...] = ()) -> tuple[Era, ...]:
    """Cut a history into eras, in order of time; the readings of a disputed rule each give an era over the same rows.

    Rows that no rule covers belong to no era. Where a change of lag makes two rules claim a slot, the later rule has it;
    where it is not established which of two was in force, each gives an era that gates nothing.
    """
    import numpy as np

    owner = np.full(len(series), -1)
    claims: list[tuple[int, DatedRule, Ints]] = []
    for k, dated in enumerate(sorted(venue.rules, key=lambda rule: rule.since)):
        if not dated.governs(subject.market_list, subject.market):
            continue
        ends = _ends(series, dated)
        rows = np.flatnonzero((dated.since <= ends) & (ends < dated.until))
        first, last = dated.surely_since, dated.surely_until
        sure = (ends >= (dated.since if first is None else first)) & (ends < (dated.until if last is None else last))
        if dated.status != DISPUTED:
            owner[rows[sure[rows]]] = k
        claims.append((k, dated, rows))
    out: list[Era] = []
    for k, dated, rows in claims:
        own = rows[(owner[rows] == -1) | (owner[rows] == k)]
        out += _by_numbers(venue, subject, series, dated, own, known)
    return tuple(sorted(out, key=lambda era: int(era.rows[0])))


def _ends(series: Series, dated: DatedRule) -> Ints:
    """End of each row's averaging window (ms), lag 0 taken where it is unknown."""
    return series.slot - (lag_of(dated) or 0) * series.step


def _by_numbers(venue: Venue, subject: Subject, series: Series, dated: DatedRule, rows: Ints, known: tuple[KnownNumber, ...]) -> list[Era]:
    """Cut the rows of one rule where a number of the contract changes, and where its dates cease to be established."""
    ends = _ends(series, dated)[rows]
    moments = {t for entry in venue.contracts for t in (entry.since, entry.until)} | {t for n in known for t in (n.since, n.until)}
    moments |= {t for t in (dated.surely_since, dated.surely_until) if t is not None}
    eras: list[Era] = []
    for low, high in pairwise([-FOREVER, *sorted(moments), FOREVER]):
        inside = (ends >= low) & (ends < high)
        if not inside.any():
            continue
        at = int(ends[inside][0])
        numbers = contract_numbers(venue, subject.native_id, at, dated, known)
        eras.append(Era(dated, numbers, rows[inside], lag_of(dated), dated.sure(at)))
    return _joined(eras)


def contract_numbers(venue: Venue, native_id: str, at: int, dated: DatedRule, known: tuple[KnownNumber, ...]) -> dict[str, Number]:
    """Numbers of a contract at `at` (ms): the catalogue's, those known from elsewhere, and limits the rule itself does not know."""
    given: dict[str, Number] = {n.name: n.value for n in known if n.since <= at < n.until}
    numbers = venue.contract(native_id, at, given)
    for name in ("cap", "floor"):
        own = dated.parts["formula"].get(name)
        if name in given and own is not None and not own.known:
            numbers[f"formula.{name}"] = given[name]
    return numbers


def _joined(eras: list[Era]) -> list[Era]:
    """Join neighbours that differ in nothing."""
    import numpy as np

    out: list[Era] = []
    for era in eras:
        if out and (out[-1].numbers, out[-1].sure) == (era.numbers, era.sure):
            out[-1] = Era(era.dated, era.numbers, np.concatenate([out[-1].rows, era.rows]), era.lag, era.sure)
        else:
            out.append(era)
    return out
