"""What does a first visitor see before importing data? Several venues' rules over one invented premium process.

The dates are ones at which the catalogue knows every number these rules need, so that all of it can be recomputed.
"""

from __future__ import annotations

from perpscope.market.time import day_ms
from perpscope.simulation.generated import Coin, Scenario

FIRST_LOOK = Scenario(
    name="first-look",
    seed=20230101,
    start=day_ms("2023-01-01"),
    end=day_ms("2023-05-01"),
    coins=(
        Coin("BTC", "XBT", price=20_000.0, level=0.00035, calm=0.00035, rough=0.00025, volatility=0.45),
        Coin("ETH", "ETH", price=1_500.0, level=0.00025, calm=0.00050, rough=0.00035, volatility=0.65),
    ),
    contracts=(
        ("binanceusdm", "{coin}USDT"),
        ("okx", "{coin}-USDT-SWAP"),
        ("kucoinfutures", "{code}USDTM"),
        ("hyperliquid", "{coin}"),
        ("krakenfutures", "PF_{code}USD"),
    ),
)
