"""Which trading rules does a paper print results for, over which data, at which costs?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perpscope.analysis.carry.strategies import STRATEGIES, Strategy, Terms
from perpscope.catalogue.ready import load_example
from perpscope.errors import CatalogueError
from perpscope.market.time import day_ms
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.examples.printed_trade import percent
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_DAY

FREE = "no"
"""Tier without costs."""
_SPLIT = "its threshold tells the cost of both legs together; it is split as the one tier whose legs are printed"


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of fees.

    Parameters
    ----------
    opens : deviation a year that pays for a round trip, and beyond which a position is opened. once : cost of trading both legs once, a
        fraction. perpetual, spot : parts of it.
    """

    opens: float
    once: float
    perpetual: Figure
    spot: Figure

    def costs(self) -> TradeCosts:
        """Costs of a trade whose first leg is the perpetual and whose second is its coin; nothing but fees."""
        nothing = HalfSpread(Figure.given(0, "the printed costs are fees alone"))
        return TradeCosts(tuple(LegCosts(FlatFees(fee, fee), nothing) for fee in (self.perpetual, self.spot)))


@dataclass(frozen=True, slots=True)
class PrintedRules:
    """What a paper prints about rules against deviations.

    Parameters
    ----------
    name, about, source : for a reader. perpetual, spot, quote : venues and money of the legs. start, end : of its data, ms UTC.
    coins : whose results it prints. terms : of the funding rule. tiers : by name. rules : strategy -> what it does.
    lender, assets, side : whose lending rates are its carry. results : (strategy, tier, coin) -> printed numbers. carry : coin -> its mean
        carry a year, as its mean funding less its printed return of the trade that is always on leaves it.
    """

    name: str
    about: str
    source: str
    perpetual: str
    spot: str
    quote: str
    start: int
    end: int
    coins: tuple[str, ...]
    terms: Terms
    tiers: Mapping[str, Tier]
    rules: Mapping[Strategy, str]
    lender: str
    assets: tuple[str, ...]
    side: str
    results: Mapping[tuple[str, str, str], Mapping[str, float]]
    carry: Mapping[str, float]

    def trade(self, coin: str, leverage: float) -> Trade:
        """Short the perpetual against its coin, one to one; the position of the rules is turned by them."""
        perpetual = Leg(self.perpetual, f"{coin}/{self.quote}:{self.quote}", "short", leverage=leverage)
        return Trade("cash_and_carry", (perpetual, Leg(self.spot, f"{coin}/{self.quote}", "long")))


def printed_rules(name: str) -> PrintedRules:
    """Load a ready example of trading rules by its name.

    Raises
    ------
    CatalogueError
        When it is no example of rules, or a table is missing or wrong.

    Examples
    --------
    >>> from perpscope.catalogue.ready import example_ids
    >>> found = next(printed_rules(name) for name in example_ids() if load_example(name)["example"]["kind"] == "strategies")
    >>> {tier: round(one.once, 6) for tier, one in found.tiers.items()}, round(found.carry["BTC"], 4)
    ({'no': 0.0, 'low': 0.000243, 'medium': 0.000522, 'high': 0.000819}, 0.0512)
    """
    found = load_example(name)
    told = found["example"]
    if told["kind"] != "strategies":
        raise CatalogueError(f"the example {told['id']}", f"it is one of {told['kind']}, not of strategies", "Name one of strategies.")
    strange = [one["id"] for one in found["strategy"] if one["id"] not in STRATEGIES]
    if strange:
        raise CatalogueError(f"the example {told['id']}", f"rules {', '.join(strange)}", f"Known are {', '.join(STRATEGIES)}.")
    data, rule, lending = found["data"], found["rule"], found["lending"]
    source = str(found["sources"][data["source"]]["title"])
    terms = Terms(float(percent(rule["interest"])[0]), float(percent(rule["width"])[0]), float(rule["kappa"]))
    return PrintedRules(
        name=told["id"],
        about=told["about"],
        source=source,
        perpetual=data["perpetual"],
        spot=data["spot"],
        quote=data["quote"],
        start=day_ms(data["from"]),
        end=day_ms(data["to"]) + MS_PER_DAY,
        coins=tuple(found["strategy"][0]["sharpe"]),
        terms=terms,
        tiers=_tiers(found, terms, source),
        rules={one["id"]: one["about"] for one in found["strategy"]},
        lender=lending["lender"],
        assets=tuple(lending["assets"]),
        side=lending["side"],
        results=_results(found),
        carry=_carry(found),
    )


def _tiers(found: Mapping[str, Any], terms: Terms, source: str) -> dict[str, Tier]:
    """Read tiers; where the parts are not printed they are split as those of the tier that has them."""
    parts = next((one for one in found["tier"] if "spot" in one), None)
    if parts is None:
        raise CatalogueError(f"the tiers of {found['example']['id']}", "none prints its legs", "Give spot and perpetual of one tier.")
    share = Fraction(parts["perpetual"]) / (parts["perpetual"] + parts["spot"])
    tiers = {}
    for one in found["tier"]:
        opens = percent(one["threshold"])[0]
        once = opens / Fraction(terms.kappa) / 2
        if "spot" in one:
            legs = [Figure(one[leg], "stated", source) for leg in ("perpetual", "spot")]
        elif once:
            legs = [Figure.assumed(once * part, f"{source}: {_SPLIT}") for part in (share, 1 - share)]
        else:
            legs = [Figure(0, "stated", source)] * 2
        tiers[one["id"]] = Tier(float(opens), float(once), *legs)
    return tiers


def _results(found: Mapping[str, Any]) -> dict[tuple[str, str, str], dict[str, float]]:
    results: dict[tuple[str, str, str], dict[str, float]] = {}
    for one in found["strategy"]:
        for coin, sharpe in one["sharpe"].items():
            told = {name: float(percent(one[name][coin])[0]) for name in ("return", "drawdown") if name in one}
            results[one["id"], FREE, coin] = {"sharpe": float(sharpe), **told}
    for one in found["after_fees"]:
        for coin, sharpe in one["fees"].items():
            results["correct", one["tier"], coin] = {"sharpe": float(sharpe), "sharpe_after_spread": float(one["spread"][coin])}
    return results


def _carry(found: Mapping[str, Any]) -> dict[str, float]:
    """Mean carry a year: mean funding less the printed return of the trade that is always on, which is funding less carry."""
    earned: Mapping[str, str] = next((one["return"] for one in found["strategy"] if one["id"] == "carry"), {})
    mean = found["funding"]["mean"]
    return {coin: float(percent(mean[coin])[0] - percent(value)[0]) for coin, value in earned.items() if coin in mean}
