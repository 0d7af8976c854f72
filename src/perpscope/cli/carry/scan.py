"""Which trades pay? The verb `carry scan`; nothing is computed here."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from perpscope.cli.carry.given_costs import CostWords
from perpscope.cli.carry.legs import SCANNED_LEVERAGE, USUAL_NOTIONAL, Leverage, Notional
from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render

FINE, FINDING = 0, 1


def scan(
    *,
    symbol: Annotated[
        tuple[str, ...], Parameter(negative="", help="Coin, or a symbol or native id that one of the legs must have; repeatable.")
    ] = (),
    venue: Annotated[tuple[str, ...], Parameter(negative="", help="A venue one of the legs is at; several: all legs are at them.")] = (),
    kind: Annotated[
        tuple[str, ...], Parameter(negative="", help="cash_and_carry, perp_perp, perp_dated, naked_short and so on; repeatable.")
    ] = (),
    window: Annotated[
        int | None, Parameter(help="Days of the realised spread that ranks; else 30, or the longest window a younger pair has.")
    ] = None,
    hold: Annotated[int, Parameter(help="Days a trade is held, which its costs are spread over.")] = 30,
    by: Annotated[Literal["realised", "expected"], Parameter(help="Spread that net figures stand on.")] = "realised",
    at: Annotated[str, Parameter(help="Moment (2023-06-01); nothing later is used. Without it, the end of each coin's data.")] = "",
    history: Annotated[int, Parameter(help="Days looked back for persistence, memory and extremes.")] = 365,
    notional: Notional = USUAL_NOTIONAL,
    leverage: Leverage = SCANNED_LEVERAGE,
    buffer: Annotated[str, Parameter(help="Idle money beside the margins, a share of the notional.")] = "0",
    transfers: Annotated[int, Parameter(help="How often collateral is moved between the venues.")] = 0,
    maker: Annotated[bool, Parameter(help="Orders rest instead of crossing.", negative="")] = False,
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    maintenance: Annotated[
        str, Parameter(help="Maintenance rate of every leg instead of margin tables: 0.005 or 0.5%.", allow_leading_hyphen=True)
    ] = "",
    naked: Annotated[bool, Parameter(help="Show unhedged positions too, as a contrast.", negative="")] = False,
    both_ways: Annotated[bool, Parameter(help="Show every trade turned round as well.", negative="")] = False,
    same_venue: Annotated[bool, Parameter(help="Pair two contracts of one venue too.", negative="")] = False,
    min_net: Annotated[str, Parameter(help="Least net annual rate on capital: 0.05 or 5%.", allow_leading_hyphen=True)] = "",
    max_breakeven: Annotated[float | None, Parameter(help="Most days until the costs are earned.")] = None,
    include_grey: Annotated[bool, Parameter(help="Show what does not exceed its own noise.", negative="--hide-grey")] = True,
    top: Annotated[int | None, Parameter(help="How many lines.")] = None,
    sort: Annotated[
        Literal["net", "notional", "gross", "expected", "breakeven", "persistence", "capacity", "liquidation"],
        Parameter(help="Number that ranks; net is on capital."),
    ] = "net",
    explain: Annotated[str, Parameter(help="Take a line apart: its rank, or a coin for its best.")] = "",
    strict: Annotated[bool, Parameter(help="Stop at the first number that is not known.", negative="")] = False,
    engine: Annotated[
        Literal["local", "daft", "ray"], Parameter(help="Who does the table work; the others need perpscope[cluster].")
    ] = "local",
    workers: Annotated[int, Parameter(help="Threads, or processors of a Ray cluster started here.")] = 2,
    address: Annotated[str, Parameter(help="Address of a running Ray cluster.")] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Rank trades of all symbols and venue pairs by what they earn after costs; JSON is a list of objects.

    Rates are simple and annual, fractions of the notional of a leg (table: per cent); null is not known, and why_null says why.
    """
    from perpscope.cli.carry.scan_question import again, asked_of, choice_of
    from perpscope.cli.carry.scan_tables import explained, shown, spoken
    from perpscope.runs.scan import scan as scanned
    from perpscope.trading.scan.rank import ranked

    words = locals()
    store = place.store()
    found = scanned(store, asked_of(store, words))
    rows = ranked(found.rows, choice_of(words))
    for text in spoken(found, rows):
        say(text)
    if explain:
        explained(rows, explain, format, store, again(words))
    elif format == "table":
        shown(rows)
    else:
        render(rows, format)
    return FINE if rows else FINDING
