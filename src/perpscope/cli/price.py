"""What is a perpetual worth in theory? The verb `price`; nothing is computed here."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from perpscope.cli.render import Format, render
from perpscope.errors import InputError
from perpscope.units import HOURS_PER_YEAR, Rate

FINE = 0
UNITS = "a fraction per --period, per year with --continuous; or with its own period, such as 0.01%%/8h or 5%%/year".replace("%%", "%")
Number: TypeAlias = Annotated[str, Parameter(allow_leading_hyphen=True)]

price_app = App(name="price", help="What a perpetual is worth in theory.")


@price_app.command
def perp(  # the command's own options
    *,
    payoff: Annotated[
        Literal["linear", "inverse", "quanto"], Parameter(help="Paid in quote currency, in the base coin, or in a third coin.")
    ],
    spot: Annotated[float, Parameter(help="Spot price, quote units per base unit, above 0.")],
    kappa: Annotated[Number, Parameter(help=f"Anchoring: share of the premium that is paid; {UNITS}: 1/8h pays all of it every 8 hours.")],
    iota: Annotated[Number, Parameter(help=f"Interest term that a long pays; {UNITS}.")] = "0",
    r_quote: Annotated[Number, Parameter(help=f"Riskless rate of the quote currency; {UNITS}.")] = "0",
    r_base: Annotated[Number, Parameter(help=f"Riskless rate (lending, staking) of the base coin; {UNITS}.")] = "0",
    r_margin: Annotated[Number, Parameter(help="Riskless rate of a quanto's margin coin; it cancels out and is only checked.")] = "",
    rho: Annotated[Number, Parameter(help="Quanto: correlation of the underlying with the margin coin, -1 to 1.")] = "",
    sigma_x: Annotated[Number, Parameter(help="Quanto: volatility a year of the underlying, 0.8 is 80 %.")] = "",
    sigma_z: Annotated[Number, Parameter(help="Quanto: volatility a year of the margin coin, 0.6 is 60 %.")] = "",
    clamp: Annotated[Number, Parameter(help=f"Half width of the clamp around the interest; none where absent; {UNITS}.")] = "",
    spot_fee: Annotated[float, Parameter(help="Cost of one spot trade, a fraction of its value (fee and half spread).")] = 0.0,
    perp_fee: Annotated[float, Parameter(help="Cost of one trade of the perpetual, a fraction of its value.")] = 0.0,
    period: Annotated[str, Parameter(help="Discrete funding, such as 8h or 1d: rates without a period of their own are per it.")] = "",
    continuous: Annotated[bool, Parameter(negative="", help="Continuous funding; the default: rates are per year.")] = False,
    funding_on: Annotated[
        Literal["start", "end"], Parameter(help="Discrete: at the spot of which end of the period funding is paid.")
    ] = "start",
    format: Format = "table",  # noqa: A002 - the name of the option
) -> int:
    """Price a perpetual without arbitrage, with the interest that would peg it and the bounds that costs leave.

    Without --clamp the interest is paid whatever the premium is (price = spot expected at a random time); with it the rate is
    P + clamp(iota - P, -clamp, clamp), and where the carry equals iota every price of an interval will do (price is then null).
    """
    from perpscope.analysis.pricing.quote import Perpetual, quote

    hours = _hours(period, continuous=continuous)
    if clamp and "/" not in clamp and not period and not continuous:
        raise InputError(f"--clamp {clamp}", "a half width of no stated period", "Say --period 8h or --continuous, or give 0.05%/8h.")

    def rate(name: str, text: str) -> float:
        return _rate(name, text, hours)

    contract = Perpetual(
        payoff=payoff,
        spot=spot,
        kappa=rate("kappa", kappa),
        iota=rate("iota", iota),
        r_quote=rate("r-quote", r_quote),
        r_base=rate("r-base", r_base),
        covariance=_covariance(payoff, {"rho": rho, "sigma-x": sigma_x, "sigma-z": sigma_z}) * hours / HOURS_PER_YEAR,
        paid=funding_on if period else "continuous",
        hours=hours,
        width=rate("clamp", clamp) if clamp else None,
        spot_cost=spot_fee,
        futures_cost=perp_fee,
    )
    if r_margin:
        _refuse_margin(payoff, rate("r-margin", r_margin))
    read = {name: getattr(contract, name) for name in ("kappa", "iota", "r_quote", "r_base", "covariance")}
    per = f"per {period}, paid on the spot at the {funding_on} of it" if period else "per year, continuous"
    render({**quote(contract), "rates_are": per, "read": {**read, "clamp": contract.width}}, format)
    return FINE


def _hours(period: str, *, continuous: bool) -> float:
    """Length of the period the rates are per; a year for continuous funding."""
    if period and continuous:
        raise InputError("a price", "both --period and --continuous", "Give one of them.")
    if not period:
        return HOURS_PER_YEAR
    try:
        return Rate.parse(f"1/{period}").per
    except InputError:
        raise InputError(f"the period {period!r}", "not of the form 8h", "Give hours or days, such as 8h or 1d.") from None


def _rate(name: str, text: str, hours: float) -> float:
    """Read a rate as a fraction per `hours`."""
    if "/" in text:
        return Rate.parse(text).over(hours).value
    percent = text.strip().endswith("%")
    try:
        value = float(text.strip().removesuffix("%")) / (100 if percent else 1)
    except ValueError:
        raise InputError(f"--{name} {text!r}", "no number", "Give a fraction such as 0.0001, or a rate such as 0.01%/8h.") from None
    if not math.isfinite(value):
        raise InputError(f"--{name} {text!r}", "it is not finite", "Give a number.")
    return value


def _covariance(payoff: str, given: dict[str, str]) -> float:
    """Covariance a year of a quanto; 0 for the others, which have none."""
    from perpscope.analysis.pricing.shares import covariance

    there = [name for name, text in given.items() if text]
    if payoff != "quanto":
        if there:
            raise InputError(f"--{there[0]} of a contract that is {payoff}", "it has no covariance", "Leave it out, or price a quanto.")
        return 0.0
    if len(there) < len(given):
        missing = ", ".join(f"--{name}" for name in given if name not in there)
        raise InputError("the price of a quanto", f"no {missing}", "Its price hangs on the covariance: give all three.")
    return float(covariance(*(_rate(name, text, HOURS_PER_YEAR) for name, text in given.items())))


def _refuse_margin(payoff: str, _: float) -> None:
    if payoff != "quanto":
        raise InputError(f"--r-margin of a contract that is {payoff}", "its margin coin is quote or base", "Give --r-quote and --r-base.")
