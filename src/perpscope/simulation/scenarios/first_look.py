"""What does a first visitor see before importing data? Several venues' rules over one invented premium process."""

from __future__ import annotations

from perpscope.market.time import day_ms
from perpscope.simulation.generated import Coin, Scenario

FIRST_LOOK = Scenario(
    name="first-look",
    seed=20260101,
    start=day_ms("2026-01-01"),
    end=day_ms("2026-05-01"),
    coins=(
        Coin("BTC", price=90_000.0, level=0.00035, calm=0.00035, rough=0.00025, volatility=0.45),
        Coin("ETH", price=3_000.0, level=0.00025, calm=0.00050, rough=0.00035, volatility=0.65),
    ),
    contracts=(
        ("binanceusdm", "{coin}USDT"),
        ("bybit", "{coin}USDT"),
        ("bitget", "{coin}USDT"),
        ("phemex", "{coin}USDT"),
        ("hyperliquid", "{coin}"),
        ("okx", "{coin}-USDT-SWAP"),
    ),
    numbers={"cap": 0.003, "floor": -0.003, "initial_margin": 0.01, "maintenance_margin": 0.005},
)
