"""How is a backtest shown to eyes, and what is said beside it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perpscope.cli.render import GENERATED, render, write_certificate

_MONEY = ("funding", "fee", "impact", "basis", "convexity", "borrow", "transfer", "liquidation", "delivery", "opportunity")
_COMPARED = (
    "policy",
    "net_return",
    "more_than_asked",
    "apr",
    "sharpe",
    "max_drawdown",
    "trades",
    "liquidations",
    *_MONEY[:4],
    *_MONEY[5:8:2],
)
_SIZES = ("notional", "capital", "net_return", "net_return_notional", "apr", "funding", "fee", "impact", "liquidations", "refused")
_HALTED = ("run", "net_return", "max_drawdown", "liquidations", "funding", "fee", "liquidation")


def spoken(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what a reader must know beside the numbers: what is missing, assumed, and counted as nothing."""
    asked, used = document["window"]["asked"], document["window"]["used"]
    if any(one is not None and one != other for one, other in zip(asked, used, strict=True)):
        yield f"window used: {used[0]} to {used[1]}"
    if document["certificate"]["synthetic"]:
        yield GENERATED
    for line in document["missing"]:
        yield f"missing: {line}"
    for line in document["assumed"]:
        yield f"assumed: {line}"
    for what, why in document["unknown"].items():
        yield f"not known and counted as nothing: {what}: {why}"
    yield from exposed(document["legs"], document["exposure"])


def unopened(document: Mapping[str, Any]) -> Iterator[str]:
    """Say that nothing was opened, and why the first opening was refused."""
    if document["trades"]:
        return
    first = next((one for one in document["events"] if one["what"] == "refused"), None)
    why = "its policy never asked for it" if first is None else f"{first['at']}: {first.get('why', 'refused')}"
    yield f"nothing was opened: {why}"


def exposed(legs: Sequence[Mapping[str, Any]], left: float) -> Iterator[str]:
    """Say that a trade of several legs is not hedged, and which ratio of its last leg on the same coin would hedge it.

    Parameters
    ----------
    legs : leg (its name), side, payoff and ratio of each. left : open exposure, a share of the notional, as `runs.legs.exposure` has it.
    """
    if len(legs) < 2 or abs(left) <= _OPEN:  # noqa: PLR2004 - one leg is meant to stand open
        return
    coins = [str(leg["leg"]).partition(":")[2].partition("/")[0] for leg in legs]
    last = next((leg for leg, coin in zip(legs[:0:-1], coins[:0:-1], strict=True) if coin == coins[0]), None)
    hint = ""
    if last is not None and last["payoff"] in {"spot", "linear"}:
        ratio = last["ratio"] - left * (1 if last["side"] == "long" else -1)
        hint = f"; ratio={ratio:g} on {last['leg']} would leave none" if ratio > 0 else ""
    yield f"just after entry the trade stands open by {left:+.0%} of its notional, coins put aside as margin included{hint}"


_OPEN = 0.02
"""Share of the notional from which an open exposure is said."""


def show(document: Mapping[str, Any]) -> None:
    """Print a backtest as tables: what it came to, where the money came from, and what was asked beside it."""
    equity = document["equity"]
    title = f"{document['trade']}, {document['window']['used'][0][:16]} to {document['window']['used'][1][:16]}, {equity['asset']}"
    most = "≤ " if document["unknown"] else ""  # what is not known counts as nothing
    rows = [
        {"": "net return on capital", "value": most + percent(document["net_return"])},
        {"": "net return on notional", "value": most + percent(document["net_return_notional"])},
        {"": "a year, simple, on capital", "value": most + percent(document["apr_capital"])},
        {"": "a year, simple, on notional", "value": most + percent(document["apr_notional"])},
        {"": "Sharpe, all hours", "value": decimal(document["sharpe_all_hours"])},
        {"": "Sharpe, hours in a position", "value": decimal(document["sharpe_active_hours"])},
        {"": "Sharpe, days", "value": decimal(document["sharpe_days"])},
        {"": "largest fall, all hours", "value": percent(document["max_drawdown"])},
        {"": "largest fall, days", "value": percent(document["max_drawdown_days"])},
        {"": "capital, then", "value": f"{equity['first']:,.2f}, {equity['last']:,.2f}"},
        {"": "opened, legs liquidated", "value": f"{document['trades']}, {document['liquidations']}"},
        {"": "resolution", "value": document["resolution"]["says"]},
        {"": "the mark is", "value": ", ".join(f"{what} ({leg})" for leg, what in document["mark_is"].items())},
    ]
    render(rows, title=title, columns=("", "value"))
    _reasons(document)
    if "compared" in document:
        _beside(document["compared"], _COMPARED, "by other policies; shares are of the capital")
    if "halts" in document:
        halts = document["halts"]
        both = [{"run": "halted", **halts["halted"]}, {"run": "not halted", **halts["without"]}]
        _beside(both, _HALTED, f"what the halts cost: {percent(halts['cost'])} of the capital")
    if "capacity" in document:
        _beside(document["capacity"], _SIZES, "by notional; ≤ and ? where a cost is not known at that size")
    write_certificate(document["certificate"])


def _reasons(document: Mapping[str, Any]) -> None:
    """Money by reason and leg."""
    legs = document["by_leg"]
    rows = []
    for why in _MONEY:
        whole = document["by_reason"].get(why, 0.0)
        if whole or any(own.get(why) for own in legs.values()):
            rows.append(
                {"reason": why, "money": f"{whole:,.2f}", **{(leg or "no leg"): f"{own.get(why, 0.0):,.2f}" for leg, own in legs.items()}}
            )
    render(rows, title="where it came from")


_SHARES = {"net_return": "net", "more_than_asked": "more than asked", "apr": "a year", "net_return_notional": "net of notional"}
_HEADINGS = {**_SHARES, "max_drawdown": "largest fall", "trades": "opened", "liquidations": "liquidated", "liquidation": "forced"}


def _beside(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str) -> None:
    """Print runs beside each other; JSON keeps all digits."""
    render([{_HEADINGS.get(name, name): _told(row, name) for name in columns if name in row} for row in rows], title=title)


def _told(row: Mapping[str, Any], name: str) -> object:
    """One number of a run as eyes want it; what leaves out a cost that is not known is a bound, or nothing."""
    value = row[name]
    if not isinstance(value, float):
        return value
    if name == "max_drawdown":
        return percent(value)
    if name in _SHARES:
        return ("≤ " if row.get("unknown") and name != "more_than_asked" else "") + percent(value)
    if name == "sharpe":
        return decimal(value)
    lacks = any(str(what).startswith(f"{name} ") for what in row.get("unknown") or ())
    return f"{'≤ ' if lacks and value else ''}{value:,.0f}" if value or not lacks else "?"


def percent(value: float | None) -> str:
    """Write a fraction in percent; nothing where there is none."""
    return "" if value is None else f"{value:.3%}"


def decimal(value: float | None) -> str:
    """Write a number with three decimals; nothing where there is none."""
    return "" if value is None else f"{value:.3f}"
