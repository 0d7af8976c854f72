"""Are lines in the order that was asked for?"""

from __future__ import annotations

from typing import Any

from perpscope.trading.scan.rank import Choice, ranked


def line(symbol: str, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - numbers of a line
    """A line of which only some numbers are known."""
    names = ("net_apr_capital", "net_apr_capital_at_most", "gross_apr", "liquidation_move", "breakeven_days", "p_positive")
    return dict.fromkeys(names) | {"symbol": symbol, "grey": None} | told


def order(by: Any, *rows: dict[str, Any]) -> str:  # noqa: ANN401 - one of `By`
    return "".join(row["symbol"] for row in ranked(rows, Choice(by)))


def test_moves_that_liquidate_count_by_how_far_they_are_up_or_down() -> None:
    up, down, near, unknown = line("U", liquidation_move=0.2), line("D", liquidation_move=-0.3), line("N", liquidation_move=-0.1), line("X")
    assert order("liquidation", up, down, near, unknown) == "DUNX"


def test_what_is_not_known_stands_between_what_earns_and_what_does_not() -> None:
    nets = [line(name, net_apr_capital=value, net_apr_capital_at_most=value) for name, value in (("A", -0.1), ("B", 0.1), ("C", 0.2))]
    assert order("net", *nets, line("X", net_apr_capital_at_most=0.5), line("Y", net_apr_capital_at_most=0.05)) == "CBXYA"


def test_the_shortest_time_to_break_even_is_the_best() -> None:
    assert order("breakeven", line("A", breakeven_days=9.0), line("B", breakeven_days=0.0), line("X")) == "BAX"
