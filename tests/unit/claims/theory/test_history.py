"""Are published numbers recomputed where the data is there, named where it is not, and live as soon as it comes?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from perpscope.claims.case import Shelf
from perpscope.claims.theory.checks import Check, read_checks
from perpscope.claims.theory.verdict import judge
from perpscope.collect.imports import import_paths
from perpscope.market.time import to_ms
from perpscope.store import Store
from tests.unit.claims.held import funding, held, prices
from tests.unit.claims.theory.made import judged, of_data

if TYPE_CHECKING:
    import polars as pl

    from perpscope.claims.theory.outcome import Verdict
    from perpscope.market.table import Table

WINDOW = "Binance USD-M perps + spot, hourly, 2021-03-01..2021-03-20"
START = to_ms("2021-03-01T00:00:00Z") - 8 * 3_600_000
PUBLISHED = "He, Manela, Ross, von Wachter v7 (Sep 2026) Table B.1"
NEEDED = (
    "funding_binance_usdm_btc_eth",
    "funding_bitmex_xbtusd",
    "funding_hyperliquid_btc_eth_hourly_premium",
    "cme_btc_f1_f2_daily_2019_2022",
)


def _check(name: str, expected: Any, *, data: str = WINDOW, tol: float = 1e-9, **more: Any) -> Check:  # noqa: ANN401 - as files hold it
    return of_data(name, expected, data, tol, **more)


def _on(check: Check, *frames: tuple[Table, pl.DataFrame]) -> Verdict:
    return judge(check, held(*frames))


def _rates(coin: str, interest: float) -> tuple[np.ndarray, tuple[Table, pl.DataFrame]]:
    rates = np.where(np.arange(60) % 3 == 0, interest, 0.0003 + 1e-6 * np.arange(60))
    return rates, funding("binanceusdm", f"{coin}/USDT:USDT", START, rates.tolist())


def test_coins_become_live_with_their_data_and_bnb_has_no_interest() -> None:
    ada, of_ada = _rates("ADA", 0.0001)
    bnb, of_bnb = _rates("BNB", 0.0)
    check = _check("share_at_iota_of_settlements", {"ADA": 1 / 3, "BNB": 1 / 3, "DOGE": 0.5}, source=PUBLISHED)
    found = _on(check, of_ada, of_bnb)
    assert found.status == "pass"
    assert found.got == {"ADA": pytest.approx(1 / 3), "BNB": pytest.approx(1 / 3)}
    assert [(used["rows"], dict(used["who"])["symbol"]) for used in found.data] == [(60, "ADA/USDT:USDT"), (60, "BNB/USDT:USDT")]
    assert "data absent: settled funding of binanceusdm DOGE/USDT:USDT, 2021-03-01..2021-03-20" in found.reason
    means = {"ADA": float(ada.mean()) * 1095, "BNB": float(bnb.mean()) * 1095}
    assert _on(_check("mean_funding_ann", means), of_ada, of_bnb).status == "pass"
    assert _on(_check("std_ann", {"ADA": float(ada.std(ddof=1)) * 1095}), of_ada).status == "pass"
    wrong = _on(_check("mean_funding_ann", {**means, "BNB": 0.2}), of_ada, of_bnb)
    assert (wrong.status, [part["status"] for part in wrong.parts]) == ("fail", ["pass", "fail"])


def test_half_a_window_is_none() -> None:
    _, of_ada = _rates("ADA", 0.0001)
    found = _on(_check("mean_funding", {"ADA": 0.1}, data="Binance USD-M perps, 2021-03-01..2021-04-20"), of_ada)
    assert found.status == "unsupported"
    assert "held: 2021-03-01..2021-03-20, 39%" in found.reason


def test_hourly_premiums_are_live_with_both_legs() -> None:
    start, hours = to_ms("2021-03-01T00:00:00Z"), 20 * 24
    premium = 0.0004 * np.sin(np.arange(hours)) + 0.0003
    coin = 2000 + 5 * np.cos(2 * np.arange(hours))
    spot = prices("binance", "ETH/USDT", start, coin.tolist())
    perp = prices("binanceusdm", "ETH/USDT:USDT", start, (coin / (1 - premium)).tolist(), market="linear")
    mark = prices("binanceusdm", "ETH/USDT:USDT", start, (1.01 * coin).tolist(), market="linear", kind="mark")
    inside = float(np.mean(np.abs(0.0001 - premium) <= 0.0005))
    assert 0.2 < inside < 0.9
    for name, value in (
        ("hours_clamp_binds", inside),
        ("mean_linear_ann", float(premium.mean()) * 1095),
        ("std_linear", float(premium.std(ddof=1)) * 1095),
    ):
        assert _on(_check(name, {"ETH": value}), spot, perp).status == "pass"
        assert _on(_check(name, {"ETH": value}), mark, spot, perp).status == "pass"
        assert _on(_check(name, {"ETH": value + 0.01}), spot, perp).status == "fail"
    lacking = _on(_check("mean_linear_ann", {"ETH": 0.1}), perp)
    assert lacking.reason.startswith("data absent: hourly closes of binance ETH/USDT spot, 2021-03-01..2021-03-20 (nothing held)")


def test_a_kind_of_number_that_is_missing_keeps_a_table_from_passing() -> None:
    ada, of_ada = _rates("ADA", 0.0001)
    expected = {"clamped": {"ADA": float(ada.std(ddof=1)) * 1095}, "linear": {"ADA": 1.0}}
    found = _on(_check("std_ann", expected), of_ada)
    assert found.status == "unsupported"
    assert "recomputed in part: clamped.ADA agree" in found.reason
    assert "data absent: hourly closes" in found.reason
    expected["clamped"]["ADA"] += 0.1
    assert _on(_check("std_ann", expected), of_ada).status == "fail"


def test_the_quanto_and_its_numeraire_are_live_with_the_history_nobody_has() -> None:
    start = to_ms("2021-01-01T00:00:00Z") - 8 * 3_600_000
    quanto = funding("bitmex", "ETH/USD:BTC", start, [0.0005] * 1096)
    data = "BitMEX ETHUSD funding + ETH, BTC 8h returns 2019-01..2024-05"
    found = _on(_check("by_year", {"funding_2021": 0.5475, "ret_eth": 0.9}, data=data), quanto)
    assert found.got == {"funding_2021": pytest.approx(0.5475)}
    assert found.status == "unsupported"
    assert _on(_check("by_year", {"funding_2021": 0.5475}, data=data), quanto).status == "pass"
    assert _on(_check("by_year", {"funding_2021": 0.94}, data=data), quanto).status == "fail"
    pair = (funding("bitmex", "BTC/USDT:USDT", start, [0.0002] * 90), funding("bitmex", "BTC/USD:BTC", start, [0.0001] * 90))
    other = "BitMEX XBTUSD vs XBTUSDT funding 2021-01..2021-02"
    assert _on(_check("tether", {"usdt_minus_xbt_funding": 0.1095}, data=other), *pair).status == "pass"
    assert _on(_check("tether", {"usdt_minus_xbt_funding": 0.06}, data=other), *pair).status == "fail"
    sliver = _on(_check("tether", {"usdt_minus_xbt_funding": 0.1095}, data=other.replace("2021-02", "2021-06")), *pair)
    assert (sliver.status, "held together: 2021-01-01..2021-01-30, 17%" in sliver.reason) == ("unsupported", True)


def test_without_a_store_every_table_says_what_it_needs() -> None:
    asked = (
        ("settlements_at_iota", WINDOW, {"BTC": 0.4}),
        ("tab6_sharpe", f"{WINDOW}; r = mean Aave USDT/DAI rate", {"correct": {"BTC": 11.65}}),
        ("tab11_price_impact", f"{WINDOW}; r = mean Aave USDT/DAI rate", {"low": 0.031}),
        ("fig2_gap", "BTC: Binance and BitMEX funding, CME F2/F1-1 x12, 2019-09..2022-06", {"binance_minus_others": 0.1}),
        ("cex_median", "11 CEX, one-minute, 2025-11-08..15", {"median_bp": 1.0}),
        ("formula_exact", "Hyperliquid BTC, ../data/x.parquet", {"max_abs_err": 5e-11, "share_within_1e9": 1.0}),
    )
    facts = {"cls": "data", "formula": "", "tol": 0.1}
    rows = judged(*({**facts, "name": name, "inputs": {"data": data}, "expected": expected} for name, data, expected in asked))
    assert {row["status"] for row in rows} == {"unsupported"}
    assert [row["reason"] for row in rows if not row["reason"].startswith("data absent: ")] == []
    assert "binanceusdm BTC/USDT:USDT" in rows[0]["reason"]
    assert "lending rate" in rows[1]["reason"]
    assert all(
        what in rows[2]["reason"]
        for what in ("takers", "lending rates (borrow or supply) of aave USDT, DAI", "BNB/USDT spot", "settled funding")
    )
    assert "bitmex BTC/USD:BTC" in rows[3]["reason"]
    assert "2025-11-08..2025-11-15" in rows[4]["reason"]
    (nonsense,) = judged({"name": "x", "cls": "data", "inputs": {"data": "a secret file"}, "expected": 1})
    assert nonsense["status"] == "unsupported"
    assert "a secret file" in nonsense["reason"]


def test_a_formula_is_tried_on_every_premium_of_the_store() -> None:
    premium = [0.0, 0.001, -0.002, 0.0003]
    rates = [round((p + min(max(0.0001 - p, -0.0005), 0.0005)) / 8, 10) for p in premium]
    rows = funding("hyperliquid", "BTC/USDC:USDC", START, rates, hours=1, premium_frac=premium)
    right = "F = (P + clamp(1e-4 - P, -5e-4, 5e-4)) / 8"
    data, one = "Hyperliquid BTC", {"share_within_1e9": 1.0}
    assert _on(_check("exact", one, data=data, formula=right), rows).status == "pass"
    assert _on(_check("exact", one, data=data, formula=right.replace("8", "4")), rows).status == "fail"
    assert _on(_check("exact", {"share_within_1e9": 0.75}, data=data, formula=right), rows).status == "fail"
    assert _on(_check("exact", one, data=data, formula="it fits"), rows).status == "unsupported"
    assert _on(_check("exact", one, data="nowhere", formula=right), rows).status == "unsupported"


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store.open(tmp_path_factory.mktemp("theory") / "store", create=True)
    import_paths(made, [shared / "data" / f"{name}.parquet" for name in NEEDED])
    return made


@pytest.fixture(scope="module")
def tables(shared: Path) -> dict[str, Check]:
    checks = read_checks((shared / "spec" / "theory_checks.json").read_text(encoding="utf-8"))
    return {check.name: check for check in checks if check.cls == "data"}


@pytest.mark.needs_shared
def test_the_shared_tables_that_the_shared_data_reaches(tables: dict[str, Check], store: Store) -> None:
    shelf = Shelf(store)
    found = {name: judge(check, shelf) for name, check in tables.items()}
    reached = {name for name, verdict in found.items() if verdict.status == "pass"}
    assert reached == {"he_tabB1_settlements_at_iota", "he_tabB1_mean_funding_ann", "falk_fig2_gap", "hl_formula_exact"}
    rest = {name: verdict for name, verdict in found.items() if name not in reached}
    assert {verdict.status for verdict in rest.values()} == {"unsupported"}
    assert [name for name, verdict in rest.items() if "data absent: " not in verdict.reason] == []
    assert set(found["he_tabB1_settlements_at_iota"].got) == {"BTC", "ETH"}


@pytest.mark.needs_shared
@pytest.mark.parametrize("name", ["he_tabB1_settlements_at_iota", "he_tabB1_mean_funding_ann", "falk_fig2_gap", "hl_formula_exact"])
def test_a_wrong_number_of_a_shared_table_fails(tables: dict[str, Check], store: Store, name: str) -> None:
    check, shelf = tables[name], Shelf(store)
    for key in check.expected:
        if key in {"BNB", "DOGE", "ADA"}:
            continue
        wrong = {**check.expected, key: check.expected[key] * (10 if key.startswith("max") else 0.4)}
        assert judge(replace(check, expected=wrong), shelf).status == "fail", key
