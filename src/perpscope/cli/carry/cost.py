"""What does a trade cost, part by part, and who says so? Nothing is computed here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from perpscope.cli.amounts import number_of
from perpscope.cli.carry.legs import LegTexts, Leverage, legs_of
from perpscope.cli.place import Place, Where, say
from perpscope.cli.render import Format, render
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.catalogue.tariff_row import CostRow
    from perpscope.trading.costs.parts import Crossing
    from perpscope.trading.costs.sheet import Sheet
    from perpscope.trading.trade import Trade

RECORD = ("kind", "of", "tier", "numbers", "from", "to", "seen", "status", "note")
SHOWN = ("part", "leg", "when", "bp", "money", "value", "unit", "range", "status", "source", "note")


def cost(
    leg: LegTexts = (),
    *,
    notional: Annotated[str, Parameter(help="Value of the trade in quote units.", allow_leading_hyphen=True)] = "1000000",
    at: Annotated[str, Parameter(help="Moment whose costs are meant (2022-09-01, UTC); now where absent.")] = "",
    tier: Annotated[tuple[str, ...], Parameter(help="Fee tier: VIP3, base+BNB (with that discount), or VENUE=TIER; repeatable.")] = (),
    leverage: Leverage = "1",
    maker: Annotated[bool, Parameter(help="Orders rest instead of crossing, on every leg that does not say taker.")] = False,
    costs: Annotated[Path | None, Parameter(help="Your own cost file (TOML or JSON); what it gives answers first.")] = None,
    books: Annotated[bool, Parameter(help="Walk the books recorded in the store instead of spreads on record.")] = False,
    price: Annotated[tuple[str, ...], Parameter(help="Price of one unit: 40000, VENUE=40000 or ASSET=40000; repeatable.")] = (),
    rate: Annotated[str, Parameter(help="Carry the trade receives, such as 0.01%/8h, for the break-even.", allow_leading_hyphen=True)] = "",
    buffer: Annotated[str, Parameter(help="Idle money beside the margins, a share of the notional: 0.2.", allow_leading_hyphen=True)] = "0",
    strict: Annotated[bool, Parameter(help="Stop at the first number that is not known.")] = False,
    record: Annotated[str, Parameter(help="List what is on record of a venue's costs instead.")] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Tell what entering, holding and leaving a trade costs, part by part, with the source of each number."""
    from perpscope.catalogue.overview import moment_of
    from perpscope.catalogue.tariffs import on_record
    from perpscope.trading.costs.assemble import trade_costs
    from perpscope.trading.costs.sheet import Sheet
    from perpscope.trading.leg_text import kind_of
    from perpscope.trading.trade import Collateral, Trade
    from perpscope.units import Rate

    if record:
        render(on_record(record), format, columns=RECORD)
        return 0
    legs = legs_of(leg, leverage=leverage, maker=maker)
    trade = Trade(kind_of(legs), legs, Collateral(number_of("the buffer", buffer)))
    ms, value, named = moment_of(at, time.time_ns() // 1_000_000), number_of("the notional", notional), prices_of(price)
    prices = {each.name: named.get(each.venue, named.get("", 0)) for each in legs if each.venue in named or "" in named}
    walks = recorded(place, trade, ms, named) if books else {}
    given, tiers = cost_rows(costs, trade), tiers_of(tier)
    found = trade_costs(trade, ms, notional=value, tiers=tiers, given=given, books=walks, prices=prices, strict=strict)
    show(Sheet(trade, found, ms, value, prices, Rate.parse(rate) if rate else None), format)
    return 0


def prices_of(texts: Iterable[str]) -> dict[str, Fraction]:
    """Read prices: of one venue or asset where it is named, of all others under the empty name."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        found[name.strip() if equals else ""] = number_of(f"the price {text!r}", value)
    if any(value <= 0 for value in found.values()):
        raise InputError("a price", "not above 0", "Give prices of one unit in quote units.")
    return found


def tiers_of(texts: Iterable[str]) -> dict[str, str]:
    """Read fee tiers: of one venue where it is named (by any of its names), of all others under the empty name."""
    from perpscope.catalogue.tariffs import tariff_venue

    found = {}
    for text in texts:
        name, equals, level = text.rpartition("=")
        found[tariff_venue(name) if equals else ""] = level.strip()
    return found


def cost_rows(file: Path | None, trade: Trade) -> tuple[CostRow, ...]:
    """Read the user's cost file, no rows where there is none; venues in it that are none of the trade's are said."""
    from perpscope.catalogue.tariff_file import read_costs
    from perpscope.catalogue.tariffs import called
    from perpscope.cli.files import text_of

    rows = read_costs(text_of(file), file.name) if file is not None else ()
    others = sorted({row.whom.venue for row in rows if row.whom.venue and called(row.whom.venue) not in trade.venues})
    if others:
        say(f"the cost file also speaks of {', '.join(others)}, no venue of this trade")
    return rows


def recorded(place: Place, trade: Trade, ms: int, coins: Mapping[str, Fraction]) -> dict[str, Crossing]:
    """Return the books of the store; a leg without one is said."""
    from perpscope.runs.costs import recorded_crossings

    found = recorded_crossings(place.store(), trade, ms, coins)
    for leg in trade.legs:
        if leg.name not in found:
            say(f"no book of {leg.name} is recorded: spreads on record answer")
    return found


def show(sheet: Sheet, form: str) -> None:
    """Print a sheet: whole as JSON, its parts as CSV, or as tables in which sources are numbered."""
    parts, answer = sheet.rows(), sheet.answer()
    if form != "table":
        render(answer if form == "json" else parts, form)
        return
    sources = list(dict.fromkeys(str(row["source"]) for row in parts if row["source"]))
    numbered = [row | {"source": sources.index(str(row["source"])) + 1 if row["source"] else None} for row in parts]
    columns = [name for name in SHOWN if any(row.get(name) is not None for row in parts)]
    render(numbered, columns=columns, title=sheet.trade.called)
    render([{"source": number, "": text} for number, text in enumerate(sources, 1)])
    render({name: value for name, value in answer.items() if name not in {"parts", "trade"} and value not in (None, [], {})})
