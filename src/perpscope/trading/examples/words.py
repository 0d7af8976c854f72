"""Which words of a text do its own numbers contradict?

Each test is about one kind of word: the capital a yield stands on, the coin a trade is in, the days it lasted, the order in which limits
are written. A word that no test contradicts is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpscope.analysis.printed.conventions import Reading, whole_days
from perpscope.analysis.printed.yields import horizons
from perpscope.errors import CatalogueError
from perpscope.trading.examples.printed_trade import PrintedTrade, percent


def judged(printed: PrintedTrade, fit: Reading | None) -> list[dict[str, object]]:
    """Try each word of an example against its numbers.

    Parameters
    ----------
    fit : the reading under which all yields follow from the profits; None where there is none, and words about it cannot be tried.

    Returns
    -------
    list
        says, means, slip (whether the numbers contradict it; None where it cannot be tried), why.

    **Source**: the example's own numbers.
    """
    return [{"id": word["id"], "says": word["says"], "means": word["means"], **_tried(printed, fit, word)} for word in printed.words]


def _tried(printed: PrintedTrade, fit: Reading | None, word: Mapping[str, Any]) -> dict[str, object]:
    if word["test"] == "coin":
        return _coin(printed, word)
    if word["test"] == "clamp":
        return _clamp(word)
    if fit is None or fit.shared is None:
        return {"slip": None, "why": "no one convention turns the printed profits into the printed yields"}
    if word["test"] == "capital":
        return _capital(printed, fit, fit.shared, word)
    if word["test"] == "days":
        return _days(fit.shared, word)
    raise CatalogueError(f"the word {word['id']} of {printed.name}", f"the test {word['test']!r}", "Known are capital, coin, days, clamp.")


def _capital(printed: PrintedTrade, fit: Reading, shared: tuple[float, float], word: Mapping[str, Any]) -> dict[str, object]:
    """See whether the figure would share the horizon if its yield stood on the other capital."""
    other = printed.figure(word["figure"]).number.on(float(printed.capitals[word["capital"]]))
    low, high = horizons(other, fit.how)
    apart = low > shared[1] or high < shared[0]
    there = f"on that capital its yield would take {low:.2f} to {high:.2f} days; the figures share {shared[0]:.2f} to {shared[1]:.2f}"
    return {"slip": apart, "why": f"{there}, all on the {fit.capital}"}


def _coin(printed: PrintedTrade, word: Mapping[str, Any]) -> dict[str, object]:
    """Look for another figure that prints another profit for the trade that would be meant."""
    own = printed.figure(word["figure"])
    venues = own.trade.venues
    for name, figure in printed.figures.items():
        same = name != word["figure"] and figure.coin == word["coin"] and figure.trade.venues == venues
        if same and figure.profit != own.profit:
            there = f"the same trade in {word['coin']} is printed as {name} with {float(figure.profit):,.2f}"
            return {"slip": True, "why": f"{there}, this one with {float(own.profit):,.2f}"}
    return {"slip": False, "why": f"no other figure is of {word['coin']} at these venues"}


def _days(shared: tuple[float, float], word: Mapping[str, Any]) -> dict[str, object]:
    low, high = word["days"]
    inside = any(low <= day <= high for day in whole_days(shared))
    return {"slip": not inside, "why": f"the yields take {shared[0]:.2f} to {shared[1]:.2f} days, the words {low} to {high}"}


def _clamp(word: Mapping[str, Any]) -> dict[str, object]:
    """Execute the function as it is written: first `if x < min`, then `if x > max`."""
    interest, premium = percent(word["interest"])[0], percent(word["at_premium"])[0]
    least, greatest = (percent(limit)[0] for limit in word["limits"])
    rate = premium + min(max(interest - premium, least), greatest)
    there = f"at a premium of {float(premium):.2%} the rate would be {float(rate):.2%}"
    return {"slip": rate != interest, "why": f"{there}, and the text says {float(interest):.2%}"}
