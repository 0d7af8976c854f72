"""Which trades stand behind figures in print: with which legs, on which capital, at which fees?

A printed example becomes values the rest of the house works with: one `Trade` a figure, `Figure`s of costs with their status, and the
profits and yields as numbers with the unit of their last digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from perpscope.analysis.printed.conventions import Figure as PrintedFigure
from perpscope.catalogue.ready import load_example
from perpscope.errors import CatalogueError, InputError
from perpscope.market.number import to_decimal
from perpscope.trading.costs.figure import Figure
from perpscope.trading.costs.parts import Crossing, FlatFees, HalfSpread, LegCosts, TradeCosts
from perpscope.trading.leg_text import parse_leg
from perpscope.trading.trade import Trade

_PERCENT = re.compile(r"\s*([-+]?\d+)(?:\.(\d+))?\s*%\s*")
_NO_BOOK = "no book of this venue from the time of the text is on record"


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure in print.

    Parameters
    ----------
    coin : of both legs. trade : as a value. profit : money of the whole horizon. yearly : yield, a fraction. unit : of its last digit.
    says : the words it was read from.
    """

    coin: str
    trade: Trade
    profit: Fraction
    yearly: Fraction
    unit: Fraction
    says: str

    @property
    def number(self) -> PrintedFigure:
        """Return it for a search over conventions."""
        return PrintedFigure(float(self.profit), float(self.yearly), float(self.unit))


@dataclass(frozen=True, slots=True)
class PrintedTrade:
    """An example of which a text prints profits, yields, leverage and fees.

    Parameters
    ----------
    name, about, source : for a reader. figures : by name. capitals : money by name: every capital a yield may stand on.
    leg : notional of each leg, money. asset : of all money. venue : whose fees are printed. maker, taker : fractions of the notional.
    net : lowest and highest net fee of one end, both venues together, a fraction. fee_source : of the fees.
    words : words of the text that can be tested. assumed : assumptions, with `why`.
    """

    name: str
    about: str
    source: str
    figures: Mapping[str, Printed]
    capitals: Mapping[str, Fraction]
    leg: Fraction
    asset: str
    venue: str
    maker: Fraction
    taker: Fraction
    net: tuple[Fraction, Fraction]
    fee_source: str
    words: tuple[Mapping[str, Any], ...]
    assumed: Mapping[str, Any]

    @property
    def numbers(self) -> dict[str, PrintedFigure]:
        """Profits and yields by figure."""
        return {name: figure.number for name, figure in self.figures.items()}

    def fees(self, venue: str) -> FlatFees:
        """Fees of a venue: as printed, or for the other one what the printed net range leaves for it.

        The net of 0.00 to 0.02 % of one end, less what the order receives at the first venue where it rests, is what the other venue asks
        of an order that rests there and of one that takes.
        """
        if venue == self.venue:
            return FlatFees(*(Figure(fee, "stated", self.fee_source) for fee in (self.maker, self.taker)))
        why = f"the printed net of one end, {float(self.net[0]):.2%} to {float(self.net[1]):.2%}, less the maker's fee at the first venue"
        maker, taker = (Figure(net - self.maker, "inferred", self.fee_source, why) for net in self.net)
        return FlatFees(maker, taker)

    def costs(self, figure: str, crossing: Crossing | None = None) -> TradeCosts:
        """Costs of one figure's trade; `crossing` is that of every leg, unknown where None."""
        spread = crossing or HalfSpread(Figure.unknown(_NO_BOOK))
        return TradeCosts(tuple(LegCosts(self.fees(leg.venue), spread) for leg in self.figure(figure).trade.legs))

    def figure(self, name: str) -> Printed:
        """Return one figure.

        Raises
        ------
        InputError
            When there is none of that name.
        """
        if name not in self.figures:
            raise InputError(f"the figure {name!r} of {self.name}", f"there are {', '.join(self.figures)}", "Name one of these.")
        return self.figures[name]


def printed_trade(name: str) -> PrintedTrade:
    """Load a ready example of a trade by its name; as `read_printed`."""
    return as_printed(load_example(name))


def as_printed(found: Mapping[str, Any]) -> PrintedTrade:
    """Turn the tables of an example into trades and numbers.

    Raises
    ------
    CatalogueError
        When it is no example of a trade, lacks a table, or its capital is not what its legs put aside.

    Examples
    --------
    >>> from perpscope.catalogue.ready import example_ids
    >>> found = next(printed_trade(name) for name in example_ids() if load_example(name)["example"]["kind"] == "trade")
    >>> [float(one.profit) for one in found.figures.values()], float(found.capitals["collateral"]), float(found.maker)
    ([52627.18, 40870.3, 78870.25, 44421.65], 1000000.0, -0.0002)
    """
    told = found["example"]
    if told["kind"] != "trade":
        raise CatalogueError(f"the example {told['id']}", f"it is one of {told['kind']}, not of a trade", "Name one of a trade.")
    missing = [name for name in ("capital", "figure", "fees", "assumed") if name not in found]
    if missing:
        raise CatalogueError(f"the example {told['id']}", f"no table {', '.join(missing)}", "See catalogue/examples for the form.")
    capital, fees = found["capital"], found["fees"]
    figures = {one["id"]: _figure(one, found) for one in found["figure"]}
    read = PrintedTrade(
        told["id"],
        told["about"],
        _source(found, capital["source"]),
        figures,
        {name: Fraction(capital[name]) for name in ("collateral", "gross")},
        Fraction(capital["leg"]),
        capital["asset"],
        fees["venue"],
        percent(fees["maker"])[0],
        percent(fees["taker"])[0],
        (percent(fees["net"][0])[0], percent(fees["net"][1])[0]),
        _source(found, fees["source"]),
        tuple(found.get("word", ())),
        found["assumed"],
    )
    _consistent(read)
    return read


def _figure(one: Mapping[str, Any], found: Mapping[str, Any]) -> Printed:
    legs = tuple(parse_leg(text) for text in one["legs"])
    yearly, unit = percent(one["yield"])
    trade = Trade(found["example"].get("trade", "perp_perp"), legs, name=f"{found['example']['id']} {one['id']}")
    return Printed(one["coin"], trade, Fraction(to_decimal(str(one["profit"]))), yearly, unit, one.get("says", ""))


def _consistent(read: PrintedTrade) -> None:
    for name, figure in read.figures.items():
        aside, gross = figure.trade.capital * read.leg, sum(leg.ratio for leg in figure.trade.legs) * read.leg
        if (aside, gross) != (read.capitals["collateral"], read.capitals["gross"]):
            there = f"legs that put {float(aside):,.0f} aside for positions of {float(gross):,.0f}"
            raise CatalogueError(f"the figure {name} of {read.name}", there, "Let legs, leverage and capital agree.")


def percent(text: str) -> tuple[Fraction, Fraction]:
    """Read a printed per cent: its value, and the unit of its last digit, both as fractions.

    Raises
    ------
    CatalogueError
        When it is none.

    Examples
    --------
    >>> [float(x) for x in percent("39.7%")], [float(x) for x in percent("64 %")]
    ([0.397, 0.001], [0.64, 0.01])
    """
    read = _PERCENT.fullmatch(text)
    if not read:
        raise CatalogueError("a printed per cent", f"{text!r}", "Write it as printed, such as 39.7%.")
    digits = read[2] or ""
    return Fraction(f"{read[1]}.{digits or 0}") / 100, Fraction(1, 100 * 10 ** len(digits))


def _source(found: Mapping[str, Any], key: str) -> str:
    return str(found["sources"][key]["title"])
