"""At which price is a position liquidated, and what does holding it cost? Nothing is computed here."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from perpscope.cli.amounts import maybe_number, number_of, share_of
from perpscope.cli.render import Format, render
from perpscope.errors import InputError

FINE = 0
Sided: TypeAlias = Annotated[Literal["long", "short"], Parameter(help="Side of the position.")]

liquidation_app = App(name="liquidation", help="At which price a position is liquidated.")
cost_app = App(name="cost", help="What holding a position costs.")


@liquidation_app.command
def price(
    venue: Annotated[str, Parameter(help="Venue id, name or alias; may be left out with --payoff.")] = "",
    symbol: Annotated[str, Parameter(help="Unified symbol, native id or coin.")] = "",
    *,
    side: Sided,
    entry: Annotated[str, Parameter(help="Average entry price.", allow_leading_hyphen=True)],
    leverage: Annotated[str, Parameter(help="Leverage at entry, 1 or more.", allow_leading_hyphen=True)] = "",
    quantity: Annotated[str, Parameter(help="Contracts, without sign.", allow_leading_hyphen=True)] = "",
    notional: Annotated[str, Parameter(help="Value at entry instead of a quantity.", allow_leading_hyphen=True)] = "",
    margin: Annotated[str, Parameter(help="Margin of the position instead of a leverage.", allow_leading_hyphen=True)] = "",
    mark: Annotated[str, Parameter(help="Today's mark price; the entry where absent.", allow_leading_hyphen=True)] = "",
    at: Annotated[str, Parameter(help="Moment whose margin table is meant (2025-09-18); now where absent.")] = "",
    maintenance: Annotated[str, Parameter(help="Maintenance rate instead of a table: 0.005 or 0.5%.", allow_leading_hyphen=True)] = "",
    brackets: Annotated[Path | None, Parameter(help="File of margin tables (TOML, JSON, or ccxt's leverage tiers).")] = None,
    valued: Annotated[str, Parameter(help="Value maintenance is asked of: at the mark or at the entry price.")] = "",
    mode: Annotated[str, Parameter(help="isolated or cross.")] = "isolated",
    balance: Annotated[str, Parameter(help="Cross: wallet balance of the settle asset.", allow_leading_hyphen=True)] = "",
    other_profit: Annotated[str, Parameter(help="Cross: unrealised profit of the other positions.", allow_leading_hyphen=True)] = "",
    other_maintenance: Annotated[str, Parameter(help="Cross: maintenance of the other positions.", allow_leading_hyphen=True)] = "",
    fee: Annotated[str, Parameter(help="Closing fee kept aside: 0.0005 or 0.05%.", allow_leading_hyphen=True)] = "",
    fee_at: Annotated[Literal["trigger", "bankruptcy"], Parameter(help="Price the fee is reckoned at.")] = "trigger",
    funding: Annotated[str, Parameter(help="Funding so far, received above 0.", allow_leading_hyphen=True)] = "",
    payoff: Annotated[str, Parameter(help="linear, inverse or quanto, where no symbol says it.")] = "",
    asset: Annotated[str, Parameter(help="Settle asset, where no symbol says it.")] = "",
    contract_size: Annotated[str, Parameter(help="Units per contract.", allow_leading_hyphen=True)] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Tell the liquidation and the bankruptcy price of a position, what they rest on, and what was assumed."""
    from perpscope.catalogue.bracket_file import read_brackets
    from perpscope.catalogue.overview import moment_of
    from perpscope.cli.files import text_of
    from perpscope.trading.question import PriceQuestion, liquidation_answer

    if "/" in venue and not symbol:
        venue, symbol = "", venue
    asked = PriceQuestion(
        side=side,
        entry=number_of("the entry price", entry),
        at=moment_of(at, time.time_ns() // 1_000_000),
        venue=venue,
        symbol=symbol,
        payoff=payoff,
        asset=asset,
        contract_size=maybe_number("the contract size", contract_size),
        leverage=maybe_number("the leverage", leverage.removesuffix("x")),
        margin=maybe_number("the margin", margin),
        quantity=maybe_number("the quantity", quantity),
        notional=maybe_number("the notional", notional),
        mark=maybe_number("the mark price", mark),
        mode=mode,
        balance=maybe_number("the balance", balance),
        other_profit=number_of("the profit of other positions", other_profit or "0"),
        other_maintenance=number_of("the maintenance of other positions", other_maintenance or "0"),
        maintenance=share_of("the maintenance rate", maintenance) if maintenance else None,
        valued=valued,
        fee=share_of("the closing fee", fee) if fee else None,
        fee_at=fee_at,
        funding=number_of("the funding so far", funding or "0"),
        tables=read_brackets(text_of(brackets), str(brackets)) if brackets is not None else (),
    )
    render(liquidation_answer(asked), format)
    return FINE


@liquidation_app.command
def tables(
    venue: Annotated[str, Parameter(help="Venue id, name or alias; all where absent.")] = "",
    *,
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """List the margin tables on record, with dates, status and source."""
    from perpscope.catalogue.brackets import bracket_rows

    render(bracket_rows(venue), format, columns=("venue", "contracts", "from", "to", "seen", "status", "tiers", "says"))
    return FINE


@cost_app.command
def hold(
    *,
    leverage: Annotated[str, Parameter(help="Leverage, 1 or more.", allow_leading_hyphen=True)] = "1",
    rate: Annotated[str, Parameter(help="Funding rate with its interval, such as 0.01%/8h.", allow_leading_hyphen=True)],
    side: Sided = "long",
    hours: Annotated[float | None, Parameter(help="Hours held.", allow_leading_hyphen=True)] = None,
    days: Annotated[float | None, Parameter(help="Days held.", allow_leading_hyphen=True)] = None,
    notional: Annotated[str, Parameter(help="Value of the position, for totals in money.", allow_leading_hyphen=True)] = "",
    fee: Annotated[str, Parameter(help="Fee of each end, for the break-even: 0.0005 or 0.05%.", allow_leading_hyphen=True)] = "",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Tell what funding costs at a leverage: per interval, day and year, on equity and on notional; above 0 is paid."""
    from perpscope.trading.leverage import holding_cost
    from perpscope.trading.leverage_answer import cost_answer
    from perpscope.units import Rate

    cost = holding_cost(float(number_of("the leverage", leverage.removesuffix("x"))), Rate.parse(rate), side)
    each = share_of("the fee", fee) if fee else Fraction(0)
    if not 0 <= each < 1:
        raise InputError("the fee", f"{float(each):g}", "Give a fraction of the notional, 0 or more and below 1: 0.0005 is 0.05 %.")
    fees = 2 * float(each)
    value = float(number_of("the notional", notional)) if notional else None
    render(cost_answer(cost, _held(hours, days), value, fees), format)
    return FINE


def _held(hours: float | None, days: float | None) -> float | None:
    if hours is not None and days is not None:
        raise InputError("a time held", "both hours and days", "Give one of them.")
    held = hours if days is None else days * 24
    if held is not None and not 0 < held < math.inf:
        raise InputError("a time held", f"{held:g} hours", "Give a positive time.")
    return held
