"""How would a trade have come through a storm of the past? The verb `carry stress`; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from perpscope.cli.carry.given_costs import CostWords, refuse_uncounted, rows_of
from perpscope.cli.carry.legs import USUAL_NOTIONAL, Notional
from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render
from perpscope.errors import InputError

if TYPE_CHECKING:
    from perpscope.runs.stress import Money

FINE = 0
_ROWS = {
    "trade": "trade",
    "leverage": "x",
    "look": "look",
    "at": "liquidated",
    "margin_ended_at": "margin ends at",
    "filled_at": "filled at",
    "bar_closed_beyond": "bar beyond, %",
    "margin_missing": "missing, %",
    "topped_up": "topped up, %",
    "net_return": "net, %",
    "refused": "refused",
}
"""Column of a row -> heading; shares of the notional, the net one of the capital, are told in per cent."""
_HALTS = {
    "trade": "trade",
    "leverage": "x",
    "look": "look",
    "cost": "cost, %",
    "net_return": "net, %",
    "net_return_without": "net without, %",
    "liquidations": "liquidated",
    "liquidations_without": "without",
}
_MOVES = {
    "look": "look",
    "leg": "leg",
    "bars": "bars",
    "bar_hours": "hours",
    "mark_is": "mark",
    "fall": "fall, %",
    "fall_at": "fell",
    "rise": "rise, %",
    "rise_at": "rose",
}


def stress(
    name: Annotated[str, Parameter(help="Name of the storm; without one, all are listed.")] = "",
    *,
    leverage: Annotated[str, Parameter(help="Leverages in place of the storm's own: 1,2,3,5.")] = "",
    notional: Notional = USUAL_NOTIONAL,
    costs: CostWords = CostWords(),  # noqa: B008 - frozen
    recordings: Annotated[Path | None, Parameter(help="Folder with the recordings of forced closes that the storm names.")] = None,
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Put trades into days of the past: who was liquidated when, what would have saved him, what a coarser look hides."""
    from perpscope.simulation.scenarios.storms import STORMS

    if not name:
        if leverage or costs.said or recordings:
            raise InputError("a storm", "options without the name of one", f"Name one of {', '.join(STORMS)}.")
        render([{"name": one.name, "says": one.says, "needs": list(one.needs)} for one in STORMS.values()], format)
        return FINE
    if name not in STORMS:
        raise InputError(f"the storm {name!r}", f"there are {', '.join(STORMS)}", "Name one of them.")
    from perpscope.runs.forced import forced_closes
    from perpscope.runs.stress import weather

    storm = STORMS[name]
    document = weather(place.store(), storm, _money(leverage, notional, costs)).document()
    if recordings is not None and storm.forced is not None:
        document["forced"] = forced_closes(recordings, storm.forced)
    _speak(document)
    if format == "table":
        _show(document)
    else:
        render(document if format == "json" else document["rows"], format)
    return FINE


def _money(leverage: str, notional: str, costs: CostWords) -> Money:
    from perpscope.cli.amounts import number_of
    from perpscope.cli.carry.backtest_question import pricing
    from perpscope.cli.carry.backtest_words import numbers
    from perpscope.runs.stress import Money

    refuse_uncounted(costs, "a storm")
    levered = tuple(float(one) for one in numbers("--leverage", leverage))
    value = float(number_of("--notional", notional))
    if value <= 0:
        raise InputError("the notional of a storm's trades", notional, "Give a value above 0, in quote units.")
    return Money(value, pricing(costs.tier, rows_of(costs)), levered)


def _speak(document: Mapping[str, Any]) -> None:
    for line in document["missing"]:
        say(f"missing: {line}")
    for line in document["assumed"]:
        say(f"assumed: {line}")
    for what, why in document["unknown"].items():
        say(f"not known and counted as nothing: {what}: {why}")


def _show(document: Mapping[str, Any]) -> None:
    """Print a storm as tables."""
    first, last = document["window"]
    title = f"{document['scenario']}, {first[:16]} to {last[:16]}: {document['says']}"
    _table(document["rows"], _ROWS, title)
    _table(document["largest_moves"], _MOVES, "largest moves from a close to the extreme of the next bar")
    if document["halts"]:
        _table(document["halts"], _HALTS, "with the venue halted, and without; cost of the capital")
    if "forced" in document:
        forced = document["forced"]
        render(
            [{name: _short(value) for name, value in row.items()} for row in forced["coins"]], title=f"closed by force at {forced['venue']}"
        )
        render([{name: _short(value) for name, value in row.items()} for row in forced["accounts"]], title="accounts seen there")


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str) -> None:
    """Print rows under short headings; columns in which nothing stands are left out."""
    shown = [{heading: _told(row.get(name), heading) for name, heading in columns.items()} for row in rows]
    render(
        shown,
        columns=[heading for heading in columns.values() if any(row[heading] not in (None, "", "0.00") for row in shown)],
        title=title,
    )


def _told(value: object, heading: str) -> object:
    """One cell: per cent where the heading says so."""
    if isinstance(value, float) and heading.endswith(", %"):
        return f"{value * 100:.2f}"
    if isinstance(value, str) and value.endswith("Z"):
        return value[5:16].replace("T", " ")  # the year stands in the title
    return _short(value)


def _short(value: object) -> object:
    """Numbers as eyes want them; times to the minute."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    return value[:16] if isinstance(value, str) and value.endswith("Z") else value
