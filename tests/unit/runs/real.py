"""A store with the real rows that backtests are tried on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perpscope.collect import import_paths
from perpscope.store import Store

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "funding_binance_usdm_btc_eth.parquet",
    "funding_deribit_btc_hourly.parquet",
    "funding_bitmex_xbtusd.parquet",
    "perp_1h_binance_usdm_btc_eth_2020_2024.parquet",
    "spot_1h_binance_btc_eth_2017_2025.parquet",
    "prices_1h_bitmex_xbtusd_2015_2021.parquet",
)
MINUTES = """
[[file]]
name = "xbtusd_1m_crash_windows.csv.gz"
facts = { table = "prices", venue = "bitmex", symbol = "XBTUSD", market = "inverse", bar = "1m", stamp = "close", price = "trade" }
"""


def real_store(shared: Path, folder: Path) -> Store:
    """Import what the tests need into a new store in a folder."""
    store = Store.open(folder / "store", create=True)
    done = import_paths(store, [shared / "data" / name for name in FILES])
    mapping = folder / "minutes.toml"
    mapping.write_text(MINUTES, encoding="utf-8")
    done += import_paths(store, [shared / "fixtures" / "bitmex" / "xbtusd_1m_crash_windows.csv.gz"], mapping)
    assert not [each for each in done if each.rejected]
    return store
