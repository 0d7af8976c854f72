"""Whose row is it: which venue, contract and payoff kind?

Each distinct (venue, contract) of a file is resolved once. What neither the columns nor the mapping nor the rule books
say is noted as lacking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perpscope.errors import InputError
from perpscope.market.instrument import MARKETS, market_of, parse_symbol
from perpscope.sources.facts import FOREIGN_IDS, UNIFIED
from perpscope.sources.known import catalogued
from perpscope.sources.model import Lacks
from perpscope.sources.symbols import Assets, assets_of, own_id
from perpscope.sources.tables.faults import blamed
from perpscope.sources.tables.given import Given
from perpscope.sources.venues import venue_of

if TYPE_CHECKING:
    import polars as pl

WHO = ("venue", "native_id", "symbol", "market", "market_list")
_SAID = ("venue", "symbol", "native_id", "market", "market_list", "kind", "base", "quote", "settle")
_FOUND, _WHY, _ALL = "_found_", "_why", "_all"


@dataclass(frozen=True, slots=True)
class Who:
    """One contract as a file names it, resolved."""

    venue: str
    native_id: str
    symbol: str
    market: str
    market_list: str
    base: str
    quote: str


def identify(frame: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Replace what a file says of its contracts by the columns of `WHO`, with `base` and `quote` beside them.

    In a recording of many contracts, those about which a fact is lacking lose their rows, unless it is lacking of all.
    """
    import polars as pl

    said = [word for word in _SAID if word in frame.columns]
    frame = frame.with_columns(pl.col(word).cast(pl.String).str.strip_chars() for word in said)
    key = frame.select(said) if said else frame.select(pl.lit("").alias(_ALL))
    combos = key.unique(maintain_order=True)
    found = [_told(combo, given) for combo in combos.iter_rows(named=True)]
    lenient = given.mixed and any(who is not None for who, _ in found)
    for _, lacks in found:
        if not lenient:
            given.lacks.merge(lacks)
    names = [*WHO, "base", "quote"]
    resolved = combos.with_columns(
        *(pl.Series(_FOUND + name, [getattr(who, name) if who else None for who, _ in found], dtype=pl.String()) for name in names),
        pl.Series(_WHY, [lacks.words() if lenient else "" for _, lacks in found], dtype=pl.String()),
    )
    frame = frame if said else frame.with_columns(pl.lit("").alias(_ALL))
    joined = frame.join(resolved, on=list(key.columns), how="left", nulls_equal=True, maintain_order="left")
    joined = blamed(joined, (pl.col(_WHY) != "", pl.format("not said: {}", _WHY)))
    replaced = [word for word in (*key.columns, _WHY) if word != "kind"]
    return joined.drop(replaced).rename({_FOUND + name: name for name in names})


def _told(said: Mapping[str, str | None], given: Given) -> tuple[Who | None, Lacks]:
    """Resolve one contract, with what is lacking about it."""
    lacks = Lacks()
    try:
        return _resolve(said, given, lacks), lacks
    except InputError as unknown:
        if not given.mixed:
            raise
        lacks.add("venue", unknown.asked)
        return None, lacks


def _resolve(said: Mapping[str, str | None], given: Given, lacks: Lacks) -> Who | None:
    """Resolve one contract; None where a row names none or a fact is lacking."""
    facts = given.facts
    word = str(facts.get("venue") or said.get("venue") or "")
    text = str(facts.get("symbol") or said.get("native_id") or said.get("symbol") or "")
    market = _market(said, facts)
    named = f"{word} {text}".strip()
    for fact, value, columns in (("venue", word, {"venue"}), ("symbol", text, {"symbol", "native_id"})):
        if not value and (given.mixed or not columns & set(said)):  # an empty cell of a table is a fault of its row
            lacks.add(fact)
    if not word or not text:
        if not market and lacks.found:
            lacks.add("market")
        return None
    venue = venue_of(word, market, stated=given.mixed or "venue" in facts, new=bool(facts.get("new_venue")))
    told = given.known(venue.id, text) if venue.id else {}
    market = market or told.get("market", "")
    if not market:
        lacks.add("market", named)
    if not venue.id:
        lacks.add("venue", f"{word} may be {' or '.join(venue.choices)}")
    assets = _assets(venue.id, text, market, said, facts) if market and venue.id else Assets("", "", "")
    if assets is None:
        lacks.add("settle" if market == "quanto" else "quote", named)
        return None
    native = own_id(venue.id, market, assets) if facts.get("symbols") in {FOREIGN_IDS, UNIFIED} else text
    instrument = catalogued(venue.id, text) if venue.id else None
    own_list = venue.market_list or (instrument.market_list if instrument else "")
    market_list = str(facts.get("market_list") or said.get("market_list") or own_list)
    found = Who(venue.id, native, assets.symbol, market, market_list, assets.base, assets.quote)
    return found if venue.id and (market or "market" in lacks.found) else None


def _market(said: Mapping[str, str | None], facts: Mapping[str, Any]) -> str:
    """Payoff kind as the mapping or the columns say it; empty where they do not."""
    if "market" in facts:
        return str(facts["market"])
    if said.get("market") in MARKETS:
        return str(said["market"])
    if said.get("kind") == "spot":
        return "spot"
    if facts.get("table") == "dated_futures":
        return "dated"
    text = said.get("symbol") or ""
    return market_of(*parse_symbol(text)) if ":" in text and "/" in text else ""


def _assets(venue: str, text: str, market: str, said: Mapping[str, str | None], facts: Mapping[str, Any]) -> Assets | None:
    """Assets as the payload or a unified symbol states them, else as the id tells."""
    base, quote, settle = (said.get(name) for name in ("base", "quote", "settle"))
    if base and quote:
        return Assets(base, quote, settle or "")
    label = said.get("symbol") if said.get("native_id") else None
    if label and "/" in label and not {"quote", "settle"} & set(facts):
        return Assets(*parse_symbol(label))
    return assets_of(venue, text, market, facts)
