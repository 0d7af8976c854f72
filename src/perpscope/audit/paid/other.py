"""What would the same positions have paid under another rule, and which part of it makes the difference?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from perpscope.audit.paid.laws import ChangedLaw, DatedLaw, other_law, own_law, premium_of
from perpscope.audit.paid.run import Paid, payment_row
from perpscope.audit.paid.terms import accrued
from perpscope.errors import CatalogueError, InputError, NotEnoughData, PerpscopeError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number
from perpscope.market.time import to_text
from perpscope.trading.counterfactual import Law, Observed, decided, steps
from perpscope.trading.settle import Key, Settled, settle

NOT_REPRODUCED = "what the own rule does not reproduce"
Purse = tuple[str, str]
"""Account and asset."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A run under another rule beside the run as it was.

    Parameters
    ----------
    own, other : the payments. by_part : (account, asset) -> part -> difference that part makes; empty where the own rule cannot
        be built from what is known.
    notes : what was chosen, left away or approximated.
    """

    own: Settled
    other: Settled
    by_part: Mapping[Purse, Mapping[str, Number]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Write the comparison for a machine."""
        assets = sorted({*self.own.totals, *self.other.totals})
        return {
            "own": {"totals_by_asset": dict(self.own.totals)},
            "other": {"totals_by_asset": dict(self.other.totals), "payments": [payment_row(p) for p in self.other.payments]},
            "difference_by_asset": {asset: self.other.totals.get(asset, 0) - self.own.totals.get(asset, 0) for asset in assets},
            "by_part": [
                {"account": account, "asset": asset, "part": part, "amount": x}
                for (account, asset), parts in sorted(self.by_part.items())
                for part, x in parts.items()
            ],
            "accounts": self.accounts(),
            "notes": list(self.notes),
        }

    def accounts(self) -> list[dict[str, object]]:
        """Each account's money side by side, by asset."""
        own, other = _purses(self.own), _purses(self.other)
        return [
            {
                "account": account,
                "asset": asset,
                "own": own.get((account, asset), 0),
                "other": other.get((account, asset), 0),
                "difference": other.get((account, asset), 0) - own.get((account, asset), 0),
            }
            for account, asset in sorted({*own, *other})
        ]


def _purses(run: Settled) -> dict[Purse, Number]:
    """Money each account received, by asset."""
    found: dict[Purse, Number] = {}
    for p in run.payments:
        found[p.account, p.asset] = found.get((p.account, p.asset), 0) + p.amount
    return found


def compare(
    paid: Paid,
    venue: str = "",
    changes: Mapping[str, Number] | None = None,
    moment: int | None = None,
    given: Mapping[str, Number] | None = None,
) -> Compared:
    """Settle the same positions under the rule of `venue`, or under their own with numbers changed.

    Parameters
    ----------
    paid : the run as it was. venue : id, name or alias; "" for the own rule. changes : numbers of the formula replaced, as
    `laws.read_changes` reads them. moment : ms UTC of the other rule; None for the one in force at each window. given : numbers
    of the contracts that the own rule asks for, such as a cap.

    Raises
    ------
    InputError
        When neither a venue nor a change is given.
    NotEnoughData
        When the premiums are not known and the rates do not tell them.
    """
    if not venue and not changes:
        raise InputError("a counterfactual", "neither another venue nor a change", "Give --as VENUE, --but NAME=VALUE, or both.")
    notes: set[str] = set()
    fixings: list[PublishedFixing] = []
    ladder: dict[str, list[PublishedFixing]] = {}
    whole = True
    for key in paid.terms:
        history, own = _history(paid, key, given)
        target: Law = other_law(venue, key, moment) if venue else own_law(key, given)
        changed: Law = ChangedLaw(target, changes) if changes and isinstance(target, DatedLaw) else target
        anew = decided(history, changed)
        fixings += anew
        if (missed := _missed(history, anew)) > 0:
            notes.add(f"{' '.join(key)}: the other rule's stamps leave {float(missed):g} h at the edges of the history undecided")
        whole = _climb(history, own, changed, ladder) and whole
        for law in (own, target):
            notes |= law.notes if isinstance(law, DatedLaw) else set()
        if _regular(history) is None:
            notes.add(f"{' '.join(key)}: intervals change inside the history; a premium counts for the whole of its interval")

    def run(several: Sequence[PublishedFixing]) -> Settled:
        return settle([r.position for r in paid.positions], several, paid.terms, missing_price="estimate")

    by_part = _by_part(paid.settled, ladder, run) if whole else {}
    if not whole:
        notes.add("the own rule cannot be built from what is known: the difference is not told by part")
    return Compared(paid.settled, run(fixings), by_part, tuple(sorted(notes)))


def _history(paid: Paid, key: Key, given: Mapping[str, Number] | None) -> tuple[list[Observed], DatedLaw]:
    """Intervals of a contract with their premiums: as given, else as the rate tells them under the own rule."""
    own = own_law(key, given)
    rows = sorted((r for r in paid.fixings if (r.fixing.venue, r.fixing.symbol) == key), key=lambda r: r.fixing.at)
    found: list[Observed] = []
    unknown: list[int] = []
    for row, fixing in zip(rows, accrued(rows, paid.terms), strict=True):
        premium = row.premium
        if premium is None:
            try:
                premium = premium_of(own(fixing.at), fixing.rate, fixing.interval_hours)
            except CatalogueError:
                unknown.append(fixing.at)
                continue
        found.append(Observed(fixing, premium))
    if unknown:
        there = f"{len(unknown)} of {len(rows)} rates do not tell it (the first at {to_text(unknown[0])}): many premiums lead to them"
        raise NotEnoughData(f"the premium of {' '.join(key)}", there, "Give `premium`, the averaged premium, in each line of the fixings.")
    return found, own


def _climb(history: Sequence[Observed], own: Law, other: Law, ladder: dict[str, list[PublishedFixing]]) -> bool:
    """Decide the history under the own rule, then with part after part exchanged; False where the own rule cannot be built."""
    try:
        ladder.setdefault(NOT_REPRODUCED, []).extend(decided(history, own))
        for part, law in steps(own, other):
            ladder.setdefault(part, []).extend(decided(history, law))
    except PerpscopeError:
        return False
    return True


def _by_part(
    own: Settled, ladder: Mapping[str, Sequence[PublishedFixing]], run: Callable[[Sequence[PublishedFixing]], Settled]
) -> dict[Purse, dict[str, Number]]:
    """(account, asset) -> part -> difference; parts that make none are left out."""
    found: dict[Purse, dict[str, Number]] = {}
    before = _purses(own)
    for part, fixings in ladder.items():
        now = _purses(run(fixings))
        for purse in {*before, *now}:
            step = now.get(purse, 0) - before.get(purse, 0)
            if step:
                found.setdefault(purse, {})[part] = step
        before = now
    return found


def _missed(history: Sequence[Observed], anew: Sequence[PublishedFixing]) -> Number:
    """Hours of a history that no window of another rule covers."""
    return sum(seen.fixing.interval_hours for seen in history) - sum(fixing.interval_hours for fixing in anew)


def _regular(history: Sequence[Observed]) -> Number | None:
    hours = {seen.fixing.interval_hours for seen in history}
    return hours.pop() if len(hours) == 1 else None
