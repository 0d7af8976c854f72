"""Are the printed rules read as printed, with the costs their thresholds mean?"""

from __future__ import annotations

import pytest

from perpscope.analysis.carry.strategies import STRATEGIES
from perpscope.errors import CatalogueError
from perpscope.trading.examples.printed_rules import printed_rules


def test_thresholds_are_costs_of_a_round_trip() -> None:
    found = printed_rules("he")
    for tier in found.tiers.values():
        once = sum(float(figure.needed("a fee")) for figure in (tier.perpetual, tier.spot))
        assert 2 * once * 1095 == pytest.approx(tier.opens, abs=0.0005)  # printed to a tenth of a per cent
        assert tier.once == pytest.approx(once, rel=1e-3)
    assert found.tiers["low"].perpetual.status == "stated"
    assert found.tiers["high"].spot.status == "assumed"
    assert found.tiers["no"].opens == 0


def test_results_are_the_printed_ones() -> None:
    found = printed_rules("he")
    assert set(found.rules) == set(STRATEGIES)
    assert found.results["correct", "no", "BTC"] == {"sharpe": 11.65}
    assert found.results["correct", "low", "ADA"] == {"sharpe": 10.72, "sharpe_after_spread": 4.97}
    assert found.results["carry", "no", "BNB"]["drawdown"] == -0.3361
    assert found.carry["ETH"] == pytest.approx(0.186 - 0.1322)


def test_the_trade_is_short_the_perpetual() -> None:
    trade = printed_rules("he").trade("ETH", 3)
    assert [(leg.name, leg.side, leg.leverage) for leg in trade.legs] == [
        ("binanceusdm:ETH/USDT:USDT", "short", 3),
        ("binance:ETH/USDT", "long", 1),
    ]


def test_what_is_no_example_of_rules() -> None:
    with pytest.raises(CatalogueError, match="not of strategies"):
        printed_rules("coinflex")
