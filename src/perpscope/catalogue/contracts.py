"""Which contract does a symbol name, how large is it, and how does its venue pay?

The catalogue knows sizes of some contracts, with their sources. What it does not know a caller may give; else the size is
assumed to be one unit, and the word "assumed" goes with every number that comes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.load import load_venue, venue_ids
from perpscope.catalogue.schema import Venue
from perpscope.errors import InputError
from perpscope.market.contract import PAYOFFS, Contract
from perpscope.market.instrument import is_symbol, market_of, parse_symbol
from perpscope.market.number import Number
from perpscope.mechanisms.settle import Settlement

SIZE = "contract_size"
_SPELLINGS = (
    "{b}-{q}-SWAP", "{b}{q}", "{b}-{q}", "{b}_{q}", "{b}{q}_PERP", "{b}{q}M", "{b}-PERPETUAL", "{b}_{q}-PERPETUAL", "PI_{b}{q}",
    "PF_{b}{q}", "{b}{q}-PERP", "{b}-PERP", "{b}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says about a contract at a moment.

    Parameters
    ----------
    contract : payoff, settle asset and size. settle : how its venue pays. assumed : what stands there without a source, in
    words; "" where nothing does. native_id : the venue's own name of it, "" where it is not clear.
    """

    contract: Contract
    settle: Settlement
    assumed: str
    native_id: str = ""


def native_ids(venue: Venue, symbol: str) -> tuple[str, ...]:
    """Return the venue's own names that its patterns read as this unified symbol, the first usual spelling first."""
    base, quote, _ = parse_symbol(symbol)
    return tuple(dict.fromkeys(name for name in spelled(venue, base, quote) if _reads_as(venue, name, symbol)))


def perpetual_venue(venue_id: str, name: str) -> str:
    """Venue of a perpetual: the one named or, where that trades none, the one of the same house that reads the name as one.

    Parameters
    ----------
    venue_id : venue id. name : unified symbol or native id; a house may give a spot market and a perpetual one native id.
    """
    if load_venue(venue_id).rules:
        return venue_id
    siblings = [load_venue(other) for other in venue_ids() if other.startswith(venue_id) and load_venue(other).rules]
    found = [other.id for other in siblings if _trades(other, name)]
    return found[0] if len(found) == 1 else venue_id


def _trades(venue: Venue, name: str) -> bool:
    """Whether a venue reads a name as one of its perpetuals."""
    if is_symbol(name):
        return ":" in name and bool(native_ids(venue, name))
    found = venue.instrument(name)
    return found is not None and found.market in PAYOFFS


def may_settle(venue: Venue, symbol: str) -> bool:
    """Whether some contract of a venue settles in the asset of this symbol, or the asset is a dollar; True where its names tell nothing."""
    base, quote, settle = parse_symbol(symbol)
    for pattern in venue.patterns:
        follows = {"=base": base, "=quote": quote}.get(pattern.settle, pattern.settle)
        told = pattern.settle != "=quote" or pattern.quote == quote or quote in pattern.pattern or quote in dict(pattern.rename).values()
        if "<settle>" in pattern.pattern or (follows == settle and told):
            return True
    return not venue.patterns or "USD" in settle.upper()


def spelled(venue: Venue, base: str, quote: str) -> Iterator[str]:
    """Names that venues give a perpetual of `base` in `quote`, the usual ones first; whether this venue does, its patterns say."""
    named: dict[str, str] = {}
    for pattern in venue.patterns:
        for theirs, ours in pattern.rename:
            named.setdefault(ours, theirs)
    for b in dict.fromkeys((named.get(base, base), base)):
        for q in dict.fromkeys((quote, "USD")):  # venues that settle in a stable coin may still call the quote dollars
            for spelling in _SPELLINGS:
                yield spelling.format(b=b, q=q)


def _reads_as(venue: Venue, name: str, symbol: str) -> bool:
    found = venue.instrument(name)
    return found is not None and found.symbol == symbol


def known_contract(venue_id: str, symbol: str, ms: int, *, native_id: str = "", given: Mapping[str, Number] | None = None) -> Known:
    """Return what is known of the contract that `symbol` names at `ms`.

    Parameters
    ----------
    venue_id, symbol, ms : venue id, unified symbol, moment (ms UTC). native_id : where the caller knows it.
    given : numbers of the contract the caller states (`contract_size` and those the rule asks for); they win.

    Raises
    ------
    InputError
        When the symbol is no perpetual, or the venue had closed by then.
    """
    venue = load_venue(venue_id)
    if ms > venue.closed:
        raise InputError(f"the contract {venue_id} {symbol}", "its venue had closed by then", "Ask for an earlier time.")
    names = (native_id,) if native_id else native_ids(venue, symbol)
    told = [venue.contract(name, ms, given) for name in names] or [dict(given or {})]
    sizes = {numbers[SIZE] for numbers in told if SIZE in numbers}
    size = next(iter(sizes)) if len(sizes) == 1 else None
    settle, doubts = _settlement(venue, symbol, ms, told[0])
    kind = market_of(*parse_symbol(symbol))
    unit = {"linear": "base unit", "inverse": "quote unit"}.get(kind, "")
    why = "the catalogue knows several sizes of this name" if sizes else "its size is not in the catalogue"
    assumed = [*doubts, *([f"one contract is assumed to be one {unit}: {why}"] if size is None else [])]
    return Known(Contract.of_symbol(symbol, size), settle, "; ".join(assumed), names[0] if names else "")


def _settlement(venue: Venue, symbol: str, ms: int, numbers: Mapping[str, Number]) -> tuple[Settlement, list[str]]:
    """How the rule in force pays; where there is none, or readings differ in it, what was assumed."""
    market = market_of(*parse_symbol(symbol))
    rules = venue.at(ms, "", market) or venue.at(ms)
    if not rules:
        return Settlement(), [f"payment at the stamp is assumed: no rule of {venue.id} is on record for that time"]
    first, *others = (settlement_of(rule, numbers) for rule in rules)
    differ = any(replace(other, lag=first.lag) != first for other in others)  # when a rate is decided moves no payment
    return first, [f"rules in force pay differently; {rules[0].id} was taken"] if differ else []


def settlement_of(rule: DatedRule, numbers: Mapping[str, Number]) -> Settlement:
    """Return how a rule pays, exact; numbers that nobody knows are left neutral."""
    found = rule.settlement(numbers)
    return found if found.flow in {"stamp", "through", "delivery"} else replace(found, flow="stamp")
