"""Which scan do the words of a command line ask for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perpscope.cli.amounts import number_of, share_of
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.runs.scan import Asked
    from perpscope.store import Store
    from perpscope.trading.scan.rank import Choice


def asked_of(store: Store, words: Mapping[str, Any]) -> Asked:
    """Read what is scanned.

    Raises
    ------
    InputError
        When a word cannot be read, or names nothing.
    """
    from perpscope.cli.carry.given_costs import rows_of
    from perpscope.cli.carry.tiers import tiers_of
    from perpscope.collect.generated import synthetic_sources
    from perpscope.market.time import day_ms
    from perpscope.runs.contracts import Margins
    from perpscope.runs.scan import Asked
    from perpscope.runs.tables import Engine
    from perpscope.trading.scan.terms import Terms

    kinds = _kinds(words["kind"])
    terms = Terms(
        **({} if words["window"] is None else {"window": words["window"], "shorter": False}),
        hold=words["hold"],
        by=words["by"],
        notional=float(number_of("the notional", words["notional"])),
        leverage=float(number_of("the leverage", words["leverage"].lower().strip("x"))),
        buffer=float(share_of("the buffer", words["buffer"])),
        liquidity="maker" if words["maker"] else "taker",
        transfers=words["transfers"],
        naked=words["naked"] or any(kind.startswith("naked") for kind in kinds),
        both_ways=words["both_ways"],
        same_venue=words["same_venue"],
    )
    rate, costs = words["maintenance"], words["costs"]
    return Asked(
        terms=terms,
        at=day_ms(words["at"]) if words["at"] else None,
        history=words["history"],
        symbols=tuple(words["symbol"]),
        venues=tuple(venue_of(store, text) for text in words["venue"]),
        kinds=kinds,
        tiers=tiers_of(costs.tier),
        given=rows_of(costs),
        margins=Margins({"": float(share_of("the maintenance rate", rate))}) if rate else Margins(),
        strict=words["strict"],
        synthetic=synthetic_sources(store.sources()),
        parts=bool(words["explain"]),
        engine=Engine(words["engine"], words["workers"], words["address"] or None),
        kept=choice_of(words) if words["top"] is not None and not words["explain"] else None,
    )


def again(words: Mapping[str, Any]) -> str:
    """Write those words that a backtest of a line must hear too: its costs, its margins, and how its orders are filled."""
    from perpscope.cli.carry.given_costs import said_again

    found = [said_again(words["costs"])]
    found += [f"--maintenance={words['maintenance']}"] if words["maintenance"] else []
    found += [f"--buffer={words['buffer']}"] if share_of("the buffer", words["buffer"]) else []
    found += ["--maker"] if words["maker"] else []
    return " ".join(filter(None, found))


def choice_of(words: Mapping[str, Any]) -> Choice:
    """Read which lines are shown, and in which order."""
    from perpscope.trading.scan.rank import Choice

    least = float(share_of("--min-net", words["min_net"])) if words["min_net"] else None
    return Choice(words["sort"], least, words["max_breakeven"], words["include_grey"], None if words["explain"] else words["top"])


def _kinds(texts: Sequence[str]) -> tuple[str, ...]:
    from perpscope.trading.trade import KINDS

    found = tuple(text.strip().lower().replace("-", "_") for text in texts)
    for kind in found:
        if kind not in KINDS:
            raise InputError(f"the kind {kind!r}", "there is no such trade", f"Give one of {', '.join(KINDS)}.")
    return found


def venue_of(store: Store, text: str) -> str:
    """Venue id of a name; a venue the catalogue does not know counts where the store holds funding or prices of it."""
    from perpscope.catalogue.load import resolve_venue
    from perpscope.runs.scan import venues_held

    plain = text.strip().lower()
    return plain if plain in venues_held(store) else resolve_venue(text)
