"""What does moving collateral from one venue to another cost, and how long does it take?

Withdrawing has a fee and its time, the network and the deposit take theirs; what the sending venue needs to look at a withdrawal is in
no source, so that a time out of the catalogue is a lower bound and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from perpscope.catalogue.tariff_row import CostRow
from perpscope.catalogue.tariffs import Asked, called, find_cost, load_tariff
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.listed import figure_of
from perpscope.trading.costs.parts import Transfer

NETWORKS = "networks"
"""Record of what holds for public networks, whatever the venue."""
_MINUTES = 60
_REVIEW = "without the time the sending venue takes to look at a withdrawal, which no source gives"


@dataclass(frozen=True, slots=True)
class Move:
    """One way money goes: `asset` from one venue to another."""

    sender: str
    receiver: str
    asset: str


def transfer_of(move: Move, ms: int, given: Iterable[CostRow] = ()) -> Transfer:
    """Return fee and time of a move; the user's rows answer first.

    Parameters
    ----------
    move : from, to, and of which asset. ms : moment, UTC. given : rows of the user's cost file.
    """
    rows = tuple(row for row in given if called(row.words.get("to_venue", move.receiver)) == move.receiver)
    users: dict[str, Figure] = {}
    for venue in (_wallet(move.sender), move.sender):
        asked = Asked(venue, words={"asset": move.asset})
        own = {name: find_cost("transfer", name, asked, ms, rows) for name in ("fee", "hours", "minutes")}
        users |= {name: figure_of(found) for name, found in own.items() if found is not None and found.row.users}
    if _wallet(move.sender) == _wallet(move.receiver):
        inside = Figure.assumed(
            Fraction(0), "accounts of one house: moving between them is assumed free and at once; no source is on record"
        )
        fee, hours = inside, inside
    else:
        fee, hours = _fee(move, ms), _hours(move, ms)
    minutes = users["minutes"].times(Fraction(1, _MINUTES)) if "minutes" in users else None
    return Transfer(users.get("fee", fee), users.get("hours", minutes or hours), move.asset, whole="hours" in users or minutes is not None)


def _wallet(venue: str) -> str:
    return load_tariff(venue).wallet


def _fee(move: Move, ms: int) -> Figure:
    """Withdrawal fee in the asset; where several networks are on record, the dearest, and all of them told."""
    wallet = _wallet(move.sender)
    found = _by_network(Asked(wallet, words={"asset": move.asset, "way": "withdrawal"}), "fee", ms)
    if not found:
        silent = [
            row
            for row in load_tariff(wallet).rows
            if row.kind == "transfer" and "fee" in row.holes and row.words.get("asset") == move.asset
        ]
        why = silent[0].note if silent else f"no withdrawal fee of {move.asset} at {wallet} is on record"
        return Figure.unknown(f'{why}; give [[transfer]] venue = "{move.sender}", asset = "{move.asset}", fee in a cost file')
    return _dearest(found)


def _hours(move: Move, ms: int) -> Figure:
    """Hours of withdrawal, network and deposit, as far as they are on record."""
    out = _by_network(Asked(_wallet(move.sender), words={"asset": move.asset, "way": "withdrawal"}), "minutes", ms)
    into = _by_network(Asked(_wallet(move.receiver), words={"asset": move.asset, "way": "deposit"}), "minutes", ms)
    anywhere = _by_network(Asked(NETWORKS, words={"asset": move.asset, "way": "deposit"}), "minutes", ms)
    landing = into or anywhere
    if not (out or landing):
        there = f"no time of moving {move.asset} from {move.sender} to {move.receiver} is on record"
        return Figure.unknown(f'{there}; give [[transfer]] venue = "{move.sender}", asset = "{move.asset}", hours in a cost file')
    shared = {name: each for name, each in landing.items() if name in out} or landing or out
    longest = _dearest(shared).times(Fraction(1, _MINUTES))
    return replace(longest, status="inferred", note="; ".join(filter(None, (_REVIEW, longest.note))))


def _by_network(asked: Asked, name: str, ms: int) -> dict[str, Figure]:
    """Return network -> figure of every network on record."""
    networks = dict.fromkeys(row.words.get("network", "") for row in load_tariff(asked.venue).rows if row.kind == "transfer")
    found = {net: find_cost("transfer", name, replace(asked, words={**asked.words, "network": net}), ms) for net in networks}
    return {net: figure_of(each) for net, each in found.items() if each is not None}


def _dearest(found: dict[str, Figure]) -> Figure:
    """Return the dearest of several networks, with the span of all of them."""
    network, dearest = max(found.items(), key=lambda pair: pair[1].needed("a figure that is known"))
    ends = [end for figure in found.values() for end in figure.ends]
    span = (min(ends), max(ends)) if min(ends) != max(ends) else None
    others = f", the dearest of {', '.join(found)}" if len(found) > 1 else ""
    return replace(dearest, note="; ".join(filter(None, (f"over {network}{others}" if network else "", dearest.note))), span=span)
