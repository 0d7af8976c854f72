"""How does the cost of a trade look on a terminal? Parts with numbered sources, what they come to, and what is behind the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from perpscope.cli.render import render, write

if TYPE_CHECKING:
    from perpscope.trading.costs.sheet import Sheet

SHOWN = ("part", "leg", "when", "bp", "money", "other", "range", "status", "why")
_TOTALS = {
    "in": "entering",
    "out": "leaving",
    "round_trip": "both",
    "held_per_year": "holding, a year",
    "opportunity_per_year": "earned elsewhere, a year",
}
_ENDS = {_TOTALS["in"], _TOTALS["out"], _TOTALS["held_per_year"]}


def show_cost(sheet: Sheet) -> None:
    """Print a sheet as tables: parts, the sources and notes they refer to, totals; then capital, break-even, and what is not known."""
    parts, answer = sheet.rows(), sheet.answer()
    reasons = list(dict.fromkeys(_reason(row) for row in parts if _reason(row)))
    shown = [_shown(row, reasons) for row in parts]
    columns = [name for name in SHOWN if any(row[name] is not None for row in shown)]
    render(
        shown,
        columns=columns,
        title=f"{sheet.trade.called}, {answer['at']}; bp of the notional of {_money(answer['notional'])} {sheet.quote}",
    )
    render([{"why": number, "": text} for number, text in enumerate(reasons, 1)])
    totals = answer["totals"]
    assert isinstance(totals, Mapping)  # noqa: S101 - as the sheet builds it
    render([{"": called, **_total(totals[name])} for name, called in _TOTALS.items()], columns=("", "bp", "money", "status"))
    for line in _lines(answer, sheet.quote):
        write(line)


def _reason(row: Mapping[str, Any]) -> str:
    return "; ".join(filter(None, (row["source"], row["note"])))


def _shown(row: Mapping[str, Any], reasons: list[str]) -> dict[str, Any]:
    """One part as a line: what is neither a share nor money (seconds, hours, coins) stands in one column with its unit."""
    reason = _reason(row)
    other = None if row["value"] is None else f"{float(row['value']):.6g} {row['unit'] or ''}".strip()
    bounds = None if row.get("range") is None else " to ".join(f"{float(end):.6g}" for end in row["range"])
    plain = {name: row[name] for name in ("part", "leg", "when", "status")}
    return plain | {
        "bp": _short(row["bp"]),
        "money": None if row["money"] is None else _money(row["money"]),
        "other": other,
        "range": bounds,
        "why": reasons.index(reason) + 1 if reason else None,
    }


def _total(total: Mapping[str, Any]) -> dict[str, Any]:
    money = None if total["money"] is None else _money(total["money"])
    return {"bp": _short(total["bp"]), "money": money, "status": total["status"]}


def _lines(answer: Mapping[str, Any], quote: str) -> Iterator[str]:
    capital = answer["capital"]
    margins = ", ".join(f"{name} {_money(value)}" for name, value in capital["margins"].items())
    idle = f", idle {_money(capital['buffer'])}" if capital["buffer"] else ""
    yield f"capital {_money(capital['total'])} {quote}, {float(capital['per_notional']):.6g} of the notional: {margins}{idle}"
    if answer["cost_bp_on_capital"] is not None:
        yield f"entering and leaving cost {float(answer['cost_bp_on_capital']):.6g} bp of the capital"
    if answer["breakeven_days"] is not None:
        note = f" ({answer['breakeven_note']})" if answer["breakeven_note"] else ""
        yield f"breakeven_days at {answer['rate']}: {float(answer['breakeven_days']):.4g}{note}"
    for name, why in answer["why_null"].items():
        what = _TOTALS.get(name.removeprefix("totals."), name)
        if name == "breakeven_days" or what in _ENDS:
            yield f"not known, {what}: {why}"


def _short(value: Any) -> float | None:  # noqa: ANN401 - a number or none
    return None if value is None else float(f"{float(value):.6g}")


def _money(value: Any) -> str:  # noqa: ANN401 - a number
    return f"{float(value):,.2f}"
