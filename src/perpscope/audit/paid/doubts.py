"""What must a reader know before trusting a settlement, or one under another rule?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from perpscope.audit.paid.laws import DatedLaw
from perpscope.market.funding import PublishedFixing
from perpscope.market.number import to_float
from perpscope.market.time import FOREVER, to_text
from perpscope.mechanisms.observe import GIVEN
from perpscope.trading.counterfactual import Observed
from perpscope.trading.settle import Hole, Key, Listing, Settled
from perpscope.units import MS_PER_HOUR

_LIKE_PERCENT = 0.003
"""Fraction per 8 h: a median above it is over 300 % a year, which is likelier a rate in percent."""
_UNHEARD_OF = 50
"""A rate so many times the middle one, and above `_LIKE_PERCENT`, may be the only one written in percent."""
_SHARED = {"shared", "larger", "capped"}


def notes_of_terms(terms: Mapping[Key, Sequence[Listing]]) -> list[str]:
    """Say what was assumed about contracts, and where several had one name."""
    found = []
    for key, several in terms.items():
        name = " ".join(key)
        found += [f"{name}: {several[0].assumed}"] if several[0].assumed else []
        if len(several) > 1:
            lives = ", then ".join(f"{_moment(life.listed)} to {_moment(life.ended)}" for life in several)
            found.append(f"{name}: {len(several)} contracts had this name ({lives}); no position passes from one to the next")
        if several[0].settle.sides in _SHARED:
            found.append(f"{name}: what receivers get depends on the open interest of all; these accounts are taken for all there are")
    return found


def _moment(ms: int | None) -> str:
    return "an unknown time" if ms is None else to_text(ms) if ms < FOREVER else "now"


def notes_of_fixings(terms: Mapping[Key, Sequence[Listing]], fixings: Iterable[PublishedFixing]) -> list[str]:
    """Say which rates look like percent, and which are of contracts nobody holds."""
    per_8h: dict[Key, list[float]] = {}
    for f in fixings:
        per_8h.setdefault((f.venue, f.symbol), []).append(abs(to_float(f.rate)) * 8 / to_float(f.interval_hours))
    found = []
    for key in terms.keys() & per_8h.keys():
        middle = median(per_8h[key])
        if middle > _LIKE_PERCENT:
            found.append(f"{' '.join(key)}: half of the rates are {middle:.2%} per 8 h or more; are they percent? 0.01 % is 0.0001")
        elif max(per_8h[key]) > _UNHEARD_OF * middle > 0 and max(per_8h[key]) > _LIKE_PERCENT:
            found.append(f"{' '.join(key)}: one rate is {max(per_8h[key]):.2%} per 8 h, the middle one {middle:.2%}; is it in percent?")
    unheld = sorted(per_8h.keys() - terms.keys())
    if unheld:
        count = sum(len(per_8h[key]) for key in unheld)
        found.append(f"{count} fixings are of contracts nobody holds: {', '.join(' '.join(key) for key in unheld)}")
    return sorted(found)


def notes_of_payments(settled: Settled) -> list[str]:
    """Say what pays nothing, what is estimated, and what is in doubt."""
    ignored = len(settled.ignored)
    found = [f"{ignored} fixings lie outside the life of their contract and pay nothing"] if ignored else []
    if not settled.payments and not ignored and not settled.holes:
        found.append("no fixing falls into a time when anything was held: nothing was paid")
    holes: dict[Key, list[Hole]] = {}
    for hole in settled.holes:
        holes.setdefault((hole.venue, hole.symbol), []).append(hole)
    for key, own in holes.items():
        hours = sum(hole.end - hole.start for hole in own) / MS_PER_HOUR
        first = f"{to_text(own[0].start)} to {to_text(own[0].end)}"
        found.append(
            f"{' '.join(key)}: {hours:g} h were held without a known fixing, and nothing is paid for them; holes: {len(own)}, first {first}"
        )
    estimated = sum(p.estimated for p in settled.payments)
    found += [f"{estimated} payments are estimates: their price was missing"] if estimated else []
    doubted = sum(bool(p.doubt) for p in settled.payments)
    found += [f"{doubted} payments are in doubt: the position changed within the venue's tolerance of the stamp"] if doubted else []
    return found


def told_of(key: Key, history: Sequence[Observed], anew: Sequence[PublishedFixing], inferred: int) -> set[str]:
    """Say what deciding a history anew could not know: premiums, their path inside an interval, edges and holes."""
    name = " ".join(key)
    notes = set()
    if inferred:
        notes.add(f"{name}: {inferred} of {len(history)} premiums were worked out from their rates under its own rule")
    if {(f.at, f.interval_hours) for f in anew} != {(seen.fixing.at, seen.fixing.interval_hours) for seen in history}:
        notes.add(f"{name}: the other rule has other stamps; a premium counts for the whole of its interval")
    missed = sum(seen.fixing.interval_hours for seen in history) - sum(f.interval_hours for f in anew)
    if missed > 0:
        notes.add(f"{name}: {float(missed):g} h are not decided anew: they lie at the edges of the history or beside its holes")
    return notes


def told_of_other(key: Key, own: DatedLaw, other: DatedLaw) -> set[str]:
    """Say how far another venue's rule is applied: to the premium of the first venue's market, on its contract."""
    name = " ".join(key)
    notes = {f"{name}: the rate is that of {other.venue.id} {other.symbol}; price of the notional, contract and money stay {key[0]}'s"}
    seen, looks = ({regime.rule.observe.kind for regime in law.asked} for law in (own, other))
    looks -= {GIVEN}
    told = f"; {other.venue.id} observes {' or '.join(sorted(looks)) or 'in a way that is not known'}" if looks != seen else ""
    notes.add(f"{name}: the premium is what {key[0]} averaged of its own market{told}")
    if any(regime.rule.settle.lag for regime in other.asked):
        notes.add(f"{other.venue.id} decides an interval ahead; here the rate is paid at the end of the window it was averaged over")
    if any(regime.rule.each != own_rule.rule.each for regime in other.asked for own_rule in own.asked):
        notes.add(f"{other.venue.id} treats each sample before the average; only averages are known, and are treated so")
    return notes
