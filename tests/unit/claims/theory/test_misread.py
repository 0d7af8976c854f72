"""Is what a text says of other data, or of other numbers than ours, left unread instead of compared with what it is not about?"""

from __future__ import annotations

from typing import Any

import pytest

from perpscope.claims.theory.verdict import judge
from tests.unit.claims.held import held
from tests.unit.claims.theory.made import of_data

DATA = "Binance USD-M perps + spot, hourly, 2021-12-20..2022-02-19; r = mean Aave USDT/DAI rate"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("he_tab4_rho_mean_std", DATA.replace("perps + spot", "perps + Coinbase spot")),
        ("he_tab4_rho_mean_std", DATA.replace("hourly", "8-hourly")),
        ("he_tab4_rho_mean_std", DATA.replace("perps + spot", "mark and index prices")),
        ("he_tab4_rho_mean_std", DATA.replace("USD-M", "USDC-margined")),
        ("he_tab4_rho_mean_std", DATA + ", out of sample 2023-01-01..2023-12-31"),
        ("he_tab4_rho_mean_std", DATA + "; then 2022-01-01..2022-01-31"),
        ("he_tab4_rho_mean_std", DATA.replace("2022-02-19", "2022-02-19T12:00")),
        ("he_tab4_rho_mean_std", DATA.replace("2021-12-20..2022-02-19", "9999-12-01..9999-12-31")),
        ("he_tab4_rho_mean_std", DATA.replace("2021-12-20", "0001-01-01")),
        ("he_tab4_rho_mean_std", DATA + " of the day before"),
        ("he_tab4_rho_mean_std", DATA + " + 2%"),
        ("he_tab4_median_rho_mean_std", DATA),
        ("he_tab4_rho_max_mean_std", DATA),
        ("he_halflife_days", DATA),
    ],
)
def test_what_is_said_of_other_data_or_numbers_is_not_read(name: str, data: str) -> None:
    expected: Any = 4.0 if "half" in name else [0.1, 0.2]
    found = judge(of_data(name, {"BTC": expected}, data, 1e-7), held())
    assert found.status == "unsupported"
    assert found.reason.startswith("not read: ")


@pytest.mark.parametrize("name", ["he_tab11_price_impact_ETH", "he_tab9_rho_on_time_ret_vol_SOL"])
def test_a_table_of_all_coins_has_no_number_of_one(name: str) -> None:
    found = judge(of_data(name, {"low": 0.1, "time": 0.1}, DATA, 1e-7), held())
    assert "together" in found.reason


def test_the_place_in_a_list_is_no_number_of_days() -> None:
    expected = {"half a month": [0.1, 0.2, 0.3]}
    found = judge(of_data("he_tab10_portfolio_margin", expected, DATA, 1e-7, source="event 2022-01-20"), held())
    assert (found.status, "the days on both sides" in found.reason) == ("unsupported", True)


@pytest.mark.parametrize("name", ["funding_2023", "cov_2022_2021", "funding_gap", "cov_std"])
def test_years_outside_the_window_and_other_parts_are_not_read(name: str) -> None:
    found = judge(of_data("falk_ethusd_by_year", {name: 1.0}, "BitMEX ETHUSD funding + ETH, BTC 8h returns 2021-01..2022-12", 0.1), held())
    assert (found.status, found.reason.startswith("not read: ")) == ("unsupported", True)
