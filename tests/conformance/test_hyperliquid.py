"""Do the rules of hyperliquid say what their sources say?"""

from __future__ import annotations

from tests.conformance.real import PublishedRates, Series
from tests.conformance.suite import RuleBook

MAIN = ["APT", "ARB", "BNB", "BTC", "DOGE", "ETH", "INJ", "NEAR", "SOL", "TIA", "TON", "TRX"]
OLD = ("xyz:AAPL", "xyz:AMD", "xyz:AMZN")
NEW = ("xyz:AVGO", "xyz:SKHX")


class TestHyperliquid(RuleBook):
    venue = "hyperliquid"


class TestHyperliquidRates(PublishedRates):
    venue = "hyperliquid"
    series = (
        Series("funding_hyperliquid_btc_eth_hourly_premium.parquet", "hyperliquid", "BTC", "linear", limited=12192, rests=("2024-01-01",)),
        *(
            Series("funding_cross_section_2025_2026.parquet", "hyperliquid", name, "linear", limited=8000, rests=("2025-08-21",))
            for name in MAIN
        ),
        *(
            Series(
                "funding_cross_section_2025_2026.parquet",
                "hyperliquid-xyz",
                name,
                "linear",
                "xyz",
                limited=6000,
                rests=("2025-11-18", "2025-12-20"),
            )
            for name in OLD
        ),
        *(
            Series("funding_cross_section_2025_2026.parquet", "hyperliquid-xyz", name, "linear", "xyz", limited=1800, rests=("2026-02-20",))
            for name in NEW
        ),
    )
