"""What would the same positions have paid under another rule, and which part of it makes the difference?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from perpscope.audit.paid.doubts import told_of, told_of_other
from perpscope.audit.paid.laws import ChangedLaw, DatedLaw, other_law, own_law, premium_of
from perpscope.audit.paid.run import Paid, payment_row
from perpscope.audit.paid.terms import accrued
from perpscope.errors import InputError, NotEnoughData, PerpscopeError
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import Number, total
from perpscope.market.time import to_text
from perpscope.trading.counterfactual import Law, Observed, climb, decided
from perpscope.trading.decided import once
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
    found: dict[Purse, list[Number]] = {}
    for p in run.payments:
        found.setdefault((p.account, p.asset), []).append(p.amount)
    return {purse: total(amounts) for purse, amounts in found.items()}


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
    of the contracts for what the rules leave open, such as a cap.

    Raises
    ------
    InputError
        When neither a venue nor a change is given, or a number that no rule asks for.
    NotEnoughData
        When the premiums are not known and the rates do not tell them.
    """
    if not venue and not changes:
        raise InputError("a counterfactual", "neither another venue nor a change", "Give --as VENUE, --but NAME=VALUE, or both.")
    notes: set[str] = set()
    fixings: list[PublishedFixing] = []
    ladder: dict[str, list[PublishedFixing]] = {}
    whole = True
    unused = set(given or ())
    for key in paid.terms:
        own = own_law(key, given)
        target = other_law(venue, key, moment, given) if venue else own_law(key, given)
        law: Law = ChangedLaw(target, changes) if changes else target
        history, inferred = _history(paid, key, own)
        anew = decided(history, law)
        if not anew:
            there = f"{sum(seen.fixing.interval_hours for seen in history)} h of history hold none of its windows"
            raise NotEnoughData(f"{' '.join(key)} under another rule", there, "Give a longer history without holes.")
        fixings += anew
        whole = _climb(history, own, law, ladder) and whole
        unused -= own.used | target.used
        notes |= {*own.notes, *target.notes, *told_of(key, history, anew, inferred)}
        notes |= told_of_other(key, own, target) if venue else set()

    if unused:
        there = f"{', '.join(sorted(unused))}, which no rule leaves open"
        raise InputError("numbers of the contract", there, "Change a number that a rule has by --but.")

    def run(several: Sequence[PublishedFixing]) -> Settled:
        return settle([r.position for r in paid.positions], several, paid.terms, missing_price="estimate")

    other = run(fixings)
    if not whole:
        notes.add("the own rule cannot be built from what is known: the difference is not told by part")
    if estimated := sum(p.estimated for p in other.payments):
        notes.add(f"{estimated} payments of the other rule are estimates: at their stamps the price of the notional is not known")
    return Compared(paid.settled, other, _by_part(paid.settled, ladder, run) if whole else {}, tuple(sorted(notes)))


def _history(paid: Paid, key: Key, own: DatedLaw) -> tuple[list[Observed], int]:
    """Intervals of a contract with their premiums, and how many premiums the rate told under the own rule."""
    rows = {(row.fixing.at, row.fixing.rate): row for row in paid.fixings if (row.fixing.venue, row.fixing.symbol) == key}
    fixings = once(accrued(rows.values(), paid.terms))[key]
    found: list[Observed] = []
    inferred = 0
    untold: list[tuple[int, str]] = []
    for fixing in fixings:
        premium = rows[fixing.at, fixing.rate].premium
        if premium is None:
            inferred += 1
            try:
                premium = premium_of(own(fixing.at), fixing.rate, fixing.interval_hours)
            except PerpscopeError as problem:
                untold.append((fixing.at, problem.there))
                continue
        found.append(Observed(fixing, premium))
    if untold:
        there = f"{len(untold)} of {len(fixings)} rates do not tell it (the first at {to_text(untold[0][0])}): {untold[0][1]}"
        raise NotEnoughData(f"the premium of {' '.join(key)}", there, "Give `premium`, the averaged premium, in each line of the fixings.")
    return found, inferred


def _climb(history: Sequence[Observed], own: Law, other: Law, ladder: dict[str, list[PublishedFixing]]) -> bool:
    """Decide the history under the own rule, then with part after part exchanged; False where the own rule cannot be built."""
    try:
        for part, fixings in climb(history, own, other):
            ladder.setdefault(part or NOT_REPRODUCED, []).extend(fixings)
    except PerpscopeError:
        return False
    return True


def _by_part(
    own: Settled, ladder: Mapping[str, Sequence[PublishedFixing]], run: Callable[[Sequence[PublishedFixing]], Settled]
) -> dict[Purse, dict[str, Number]]:
    """(account, asset) -> part -> difference; parts that make none are left out."""
    found: dict[Purse, dict[str, Number]] = {}
    before = _purses(own)
    last: Sequence[PublishedFixing] | None = None
    for part, fixings in ladder.items():
        if fixings == last:
            continue
        last, now = fixings, _purses(run(fixings))
        for purse in {*before, *now}:
            step = now.get(purse, 0) - before.get(purse, 0)
            if step:
                found.setdefault(purse, {})[part] = step
        before = now
    return found
