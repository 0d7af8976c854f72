"""How do examples look on a terminal? Rows and titles made of the documents that `trading.examples` tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perpscope.cli.render import render, write_certificate

SHOWN = 12
"""Pairs in a table; JSON holds all."""
_PERCENT, _BP = 100.0, 10_000.0


def show_trade(found: Mapping[str, Any]) -> None:
    """Print an example of a trade: figures, conventions, words, fees, size."""
    render(_figures(found), title=_headline(found))
    render([_convention(one) for one in found["conventions"]], title="conventions tried, and the horizons (days) they leave")
    if found["words"]:
        render([_word(word) for word in found["words"]], title="words that the text's own numbers can be asked about")
    if found["costs"] is None:
        return
    inside = found["costs"]["ways_inside_the_printed_range"]
    ways = found["costs"]["ways"]
    venues = " / ".join(found["costs"]["legs"])
    render(
        [_way(way) for way in ways],
        title=f"fees of every way in and out ({venues}); {inside} of {len(ways)} lie in the printed range at both ends",
    )
    _show_scaling(found["scaling"])
    render([{"assumed": words} for words in found["assumed"]])


def _word(word: Mapping[str, Any]) -> dict[str, object]:
    return {"printed": word["says"], "slip": {True: "yes", False: "no"}.get(word["slip"], "not tried"), "why": word["why"]}


def _headline(found: Mapping[str, Any]) -> str:
    if not found["convention"]:
        return f"{found['example']}: {found['why_null']['convention']}"
    low, high = found["horizon_interval_days"]
    shared = f"all yields share {low:.3f} to {high:.3f} days, {found['horizon_interval_hours']:.2f} h"
    return f"{found['example']}: {found['horizon_days']:g} days, {found['convention']}; {shared}"


def _figures(found: Mapping[str, Any]) -> list[dict[str, object]]:
    return [
        {
            "figure": name,
            "legs": " / ".join(
                f"{leg['side']} {leg['venue']} {leg['symbol']} {leg['leverage']:g}x" for leg in found["trades"][name]["legs"]
            ),
            "profit": f"{one['profit']:,.2f}",
            "printed %": f"{_PERCENT * one['yield_printed']:.4g}",
            **(_found(one) if found["convention"] else {}),
        }
        for name, one in found["figures"].items()
    ]


def _leg(leg: Mapping[str, Any]) -> str:
    return f"{leg['side']} {leg['venue']} {leg['symbol']} {leg['leverage']:g}x"


def _found(one: Mapping[str, Any]) -> dict[str, object]:
    room = one["profits_that_would_fit"]
    return {
        "found %": f"{_PERCENT * one['yield']:.3f}",
        "off (last digits)": f"{one['off_in_printed_units']:+.2f}",
        "profits that would fit": "" if room is None else f"{room[0]:,.0f} to {room[1]:,.0f}",
    }


def _convention(one: Mapping[str, Any]) -> dict[str, object]:
    spans = {name: f"{low:.2f}-{high:.2f}" for name, (low, high) in one["days"].items()}
    shared = one["shared_days"]
    told = f"{shared[0]:.3f}-{shared[1]:.3f}" if shared else f"none, {one['apart_days']:.3f} apart"
    return {"compounding": one["compounding"], "capital": one["capital"], **spans, "shared": told}


def _way(way: Mapping[str, Any]) -> dict[str, object]:
    slowest = max(way["days_to_pay"].values())
    return {
        "in": " / ".join(way["in"]),
        "out": " / ".join(way["out"]),
        "bp": round(_BP * way["cost"], 6),
        "money": round(way["money"], 2),
        "in printed range": "yes" if way["both_ends_in_the_printed_range"] else "no",
        "days to pay (worst figure)": round(slowest, 2),
        "gap % a year that pays nothing": round(_PERCENT * max(way["gap_a_year_that_pays_nothing"].values()), 3),
        "status": way["status"],
    }


def _show_scaling(scaling: Mapping[str, Any]) -> None:
    told = ", ".join(f"{name} {float(figure['value']):g} ({figure['status']})" for name, figure in scaling["figures"].items())
    rows = []
    for fill in ("maker", "taker"):
        for name, one in scaling[fill].items():
            left = {f"left of {row['notional']:.0e}": _money(row["left"]) for row in one["rows"]}
            ends = _money(one["break_even_notional"]) or one["why_null"]
            rows.append({"orders": fill, "figure": name, **left, "best size": _money(one["best_notional"]), "ends at": ends})
    render(rows, title=f"what is left by the notional of one leg; {told}")


def _money(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def show_histories(found: Mapping[str, Any]) -> None:
    """Print what a trade would have earned between the venues of a store."""
    held = f"{found['notional']:,.0f} a leg, {found['leverage']:g}x, {found['horizon_days']:g} days, from every day"
    render(
        [_pair(row) for row in found["pairs"][:SHOWN]],
        title=f"funding of {held}: the best {min(SHOWN, len(found['pairs']))} of {len(found['pairs'])} pairs, turned by hindsight",
    )
    render([row for coin, pool in found["pooled"].items() for row in _years(coin, pool)], title="all pairs together, funding before fees")
    render([_run(row) for row in found["backtests"]], title="the best pairs with prices, in full: margins, fees, spreads, liquidation")
    render([{"assumed": words} for words in found["assumed"]])
    write_certificate(found["certificate"])


def _pair(row: Mapping[str, Any]) -> dict[str, object]:
    after, known = row["after_fees"]["taker"], row["knowable"]["after_fees"]["taker"]
    return {
        "coin": row["coin"],
        "long": f"{row['long']['venue']} {row['long']['symbol']}",
        "short": f"{row['short']['venue']} {row['short']['symbol']}",
        "days (apart)": f"{row['n']} ({row['apart']})",
        "from": row["first"],
        "to": row["last"],
        "median": _money(row["p50"]),
        "p95": _money(row["p95"]),
        "most": f"{_money(row['highest'])} {row['highest_start']}",
        "after fees": _money(after["p50"]) if after else "unknown",
        "knowable": _money(known["p50"]) if known else "unknown",
        "paid %": f"{_PERCENT * known['positive_share']:.0f}" if known else "",
    }


def _years(coin: str, pool: Mapping[str, Any]) -> list[dict[str, object]]:
    parts = {"all": pool, **pool.get("by_year", {})} if pool["n"] else {}
    return [
        {
            "coin": coin,
            "begun": year,
            "horizons": part["n"],
            **{name: _money(part[name]) for name in ("p05", "p50", "p95", "highest")},
            **{f"% at least {name}": f"{_PERCENT * share:.2f}" for name, share in part["at_least"].items()},
        }
        for year, part in parts.items()
    ]


def _run(row: Mapping[str, Any]) -> dict[str, object]:
    reasons = {name: _money(value) for name, value in row.get("by_reason", {}).items() if value}
    return {
        "coin": row["coin"],
        "long": row["long"],
        "short": row["short"],
        "which": row["which"],
        "start": row["start"],
        "sum of funding": _money(row["funding_sum"]),
        "net": _money(row["net"]),
        "liquidated": row.get("liquidations", ""),
        "why": row["why_null"] or ", ".join(f"{name} {value}" for name, value in reasons.items()),
    }


def show_rules(found: Mapping[str, Any]) -> None:
    """Print what rules of a paper earn on the rows of a store, beside what it prints."""
    render([_rule(row) for row in found["rows"]], title="return a year % / Sharpe of active hours / largest fall % (trades, liquidated)")
    render([{"column": name, "means": words} for name, words in found["conventions"].items()])
    for coin, about in found["coins"].items():
        carry = about["carry"]
        rate = f"carry {_PERCENT * carry['rate']:.2f} % a year ({carry['status']})"
        held = f"{about['window'][0][:10]} to {about['window'][1][:10]}, {about['hours']:,} hours, {about['holes']} holes"
        lacking = f"of the printed window not held: {', '.join(about['not_held']) or 'nothing'}"
        render([{"assumed": words} for words in about["assumed"]], title=f"{coin}: {held}; {lacking}; {rate}")
        write_certificate(about["certificate"])
    render([{"assumed": words} for words in found["assumed"]])


def _rule(row: Mapping[str, Any]) -> dict[str, object]:
    printed = row["printed"] or {}
    after = f" ({printed['sharpe_after_spread']:.2f} after spread)" if "sharpe_after_spread" in printed else ""
    parts = [f"{_PERCENT * printed['return']:.2f}"] if "return" in printed else []
    parts += [f"{printed['sharpe']:.2f}{after}"] if "sharpe" in printed else []
    parts += [f"{_PERCENT * printed['drawdown']:.2f}"] if "drawdown" in printed else []
    shown = {name: _performed(row[name]) for name in ("paper", "full_same", "full_next") if row.get(name)}
    return {
        "coin": row["coin"],
        "rule": row["strategy"],
        "fees": row["tier"],
        "printed": " / ".join(parts),
        **(shown or {"paper": row["why_null"]}),
    }


def _performed(found: Mapping[str, Any]) -> str:
    sharpe = "none" if found["sharpe"] is None else f"{found['sharpe']:.2f}"
    traded = f" ({found['trades']:,}, {found['liquidations']})" if "trades" in found else ""
    return f"{_PERCENT * found['return_1y']:.2f} / {sharpe} / {_PERCENT * found['drawdown']:.2f}{traded}"
