"""How is a line of a scan told: in one line of words, or taken apart, each rate and each cost with its source?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpscope.market.number import to_float
from perpscope.market.time import day_ms, to_text
from perpscope.trading.costs.figure import Figure
from perpscope.trading.scan.value import BP, Costed
from perpscope.units import MS_PER_DAY

Row = Mapping[str, Any]


def parts_told(found: Costed) -> list[dict[str, Any]]:
    """List the parts of a cost: of entering and leaving in bp of the notional, of holding in fractions a year, with who says so."""
    once = [_part(part, each, BP, "bp") for part, each in found.parts.items()]
    return once + [_part(part, each, 1, "apr") for part, each in found.yearly.items()]


def _part(part: str, figure: Figure, factor: int, unit: str) -> dict[str, Any]:
    value = None if figure.value is None else to_float(figure.value) * factor
    told = figure.told()
    return {"part": part, "bp": None, "apr": None} | {unit: value} | {name: told[name] for name in ("status", "source", "note")}


def brief(row: Row) -> dict[str, Any]:
    """Write a line in words.

    Examples
    --------
    >>> leg = {"venue": "a", "side": "short", "payoff": "linear", "symbol": "BTC/USDT:USDT", "received_apr": 0.0613}
    >>> leg_words(leg), leg_words(leg | {"venue": "b", "side": "long", "received_apr": -0.034})
    ('short a USDT: receive 6.13%', 'long b USDT: pay 3.40%')
    """
    bound = row["net_apr_capital"] is None and row["net_apr_capital_at_most"] is not None
    net = row["net_apr_capital_at_most"] if bound else row["net_apr_capital"]
    cost = row["known_cost_bp"] if row["cost_bp"] is None and row["costs_bounded"] else row["cost_bp"]
    marks = {"grey": row["grey"], "partial": not row["certificate"]["complete"], "SYNTHETIC": row["synthetic"]}
    marks |= {"spot?": spot_assumed(row), f"{row['window_days']} d only": row["younger"]}
    return {
        "#": row["rank"],
        "coin": row["symbol"],
        "you": "; ".join(leg_words(leg) for leg in row["legs"]),
        "gross %": percent(row["gross_apr"]),
        "cost bp": ("≥ " if row["cost_bp"] is None and cost is not None else "") + ("?" if cost is None else f"{cost:.1f}"),
        "net %": ("≤ " if bound else "") + percent(net),
        "even, d": "" if row["breakeven_days"] is None else f"{row['breakeven_days']:.1f}",
        "P": "" if row["p_positive"] is None else f"{row['p_positive']:.2f}",
        "move": "" if row["liquidation_move"] is None else f"{row['liquidation_move']:+.0%}",
        "capacity": "" if row["capacity"] is None else f"{row['capacity']:,.0f}",
        "": " ".join(name for name, on in marks.items() if on),
    }


def spot_assumed(row: Row) -> bool:
    """Whether a leg is spot of which the store holds no price: nobody knows here whether there is such a market."""
    return any(leg.get("on_record") is False for leg in row["legs"])


def leg_words(leg: Mapping[str, Any]) -> str:
    """Say of a leg where it is, what it is, and what you receive or pay on it."""
    _, _, rest = str(leg["symbol"]).partition("/")
    quote, _, settle = rest.partition(":")
    asset, _, expiry = settle.partition("-")
    coin_paid = f"{quote} in {asset}"
    what = {"linear": asset, "spot": f"spot {quote}", "inverse": coin_paid, "quanto": coin_paid, "dated": f"dated {expiry}"}
    text = f"{leg['side']} {leg['venue']} {what.get(leg['payoff'], rest)}"
    apr = leg.get("received_apr")
    if apr is None and "basis_apr" in leg:
        apr = -leg["basis_apr"] if leg["side"] == "long" else leg["basis_apr"]
    return text if apr is None else f"{text}: {'receive' if apr >= 0 else 'pay'} {abs(apr):.2%}"


def percent(value: float | None) -> str:
    """Write an annual rate in per cent; ? where it is not known."""
    return "?" if value is None else f"{100 * value:.2f}"


def legs_of(row: Row) -> list[dict[str, Any]]:
    """List the legs with the rates behind them: interval, fixings, their sum, and what that is a year."""
    days = row["window_days"]
    return [
        {
            "leg": f"{leg['side']} {leg['venue']} {leg['symbol']}",
            "ratio": leg["ratio"],
            "leverage": leg["leverage"],
            "last rate": leg.get("rate"),
            "per h": leg.get("interval_hours"),
            "at": leg.get("last"),
            f"fixings of {days} d": leg.get("n"),
            "their sum": leg.get("sum"),
            "% a year": None if leg.get("apr") is None else percent(leg["apr"]),
            "you": leg_words(leg).rpartition(": ")[2] if leg.get("received_apr") is not None or "basis_apr" in leg else "no funding",
        }
        for leg in row["legs"]
    ]


def backtest_words(row: Row) -> str:
    """Write the command that runs a line's trade over the window its rates are of, at the same leverage and notional.

    Examples
    --------
    >>> leg = {"venue": "a", "side": "short", "payoff": "linear", "symbol": "X/USDT:USDT", "leverage": 3.0, "ratio": 1.0}
    >>> row = {"legs": [leg], "window_days": 30, "notional": 1e5, "certificate": {"window_end": "2023-01-31T00:00:00Z"}}
    >>> backtest_words(row)
    'carry backtest short:a:X/USDT:USDT:x3 --from 2023-01-01T00:00:00Z --to 2023-01-31T00:00:00Z --notional 100000'
    """
    end = row["certificate"]["window_end"]
    start = to_text(day_ms(end) - row["window_days"] * MS_PER_DAY)
    legs = [
        f"{leg['side']}:{leg['venue']}:{leg['symbol']}"
        + (f":x{leg['leverage']:g}" if leg["leverage"] != 1 else "")
        + (f":ratio={leg['ratio']:.12g}" if leg["ratio"] != 1 else "")
        for leg in row["legs"]
    ]
    return f"carry backtest {' '.join(legs)} --from {start} --to {end} --notional {row['notional']:.12g}"


def windows_of(row: Row) -> list[dict[str, Any]]:
    """List the windows: realised and expected spread, its scatter, its worst and best, and how much of it is covered."""
    names = {"realised_apr": "realised", "expected_apr": "expected", "sd_apr": "sd of hours", "worst_apr": "worst", "best_apr": "best"}
    return [
        {"days": days}
        | {words: percent(window[name]) for name, words in names.items()}
        | {"hours": f"{window['hours']} of {window['of_hours']}"}
        for days, window in row["windows"].items()
    ]


def costs_of(row: Row) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """List the cost parts, sources by number, and the sources."""
    parts = row.get("costs", [])
    sources = list(dict.fromkeys(part["source"] for part in parts if part["source"]))
    lines = [
        {
            "part": part["part"],
            "bp": None if part["bp"] is None else round(part["bp"], 4),
            "% a year": None if part["apr"] is None else percent(part["apr"]),
            "status": part["status"],
            "source": sources.index(part["source"]) + 1 if part["source"] else None,
            "note": part["note"],
        }
        for part in parts
    ]
    return lines, [{"source": number, "": text} for number, text in enumerate(sources, 1)]


def facts_of(row: Row) -> dict[str, Any]:
    """Name the numbers of a line beside its legs, windows and costs."""
    often, first = row["persistence"], row["liquidation"]["first"] or {}
    plain = (
        "gross_apr", "stands_on", "cost_bp", "hold_apr", "hold_days", "net_apr_notional", "capital", "net_apr_capital", "breakeven_days",
        "noise_apr", "grey", "p_positive", "expected_apr", "forecast", "liquidation_move", "capacity", "capacity_bound", "notional",
    )  # fmt: skip
    found = {name: row[name] for name in plain}
    found |= {"windows_overlapping": often["n"], "windows_apart": often["effective_n"]}
    found |= {"p_low_90": often["low_90"], "p_high_90": often["high_90"]}
    found |= {"liquidated_first": first.get("leg"), "transfer_needed": first.get("transfer"), "gained_by_then": first.get("gain")}
    return found | {f"certificate_{name}": value for name, value in row["certificate"].items() if name != "store"}
