"""What a venue shows at one instant, recomputed from its other columns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from perpscope.audit.contexts import fair_prices, observe_of, premiums_shown, unbounded, verdict
from perpscope.audit.contract import audit_contract
from perpscope.audit.facts import Facts
from perpscope.catalogue.load import load_venue
from perpscope.errors import CatalogueError
from perpscope.mechanisms.observe import Observe
from tests.unit.audit.histories import funding
from tests.unit.audit.recordings import active_instruments, asset_contexts, contexts, thin_network_contexts
from tests.unit.audit.rules import rule, venue

INSTANT = "2026-05-29T00:00:00+00:00"


@pytest.fixture(scope="module")
def assets(shared: Path) -> pl.DataFrame:
    return asset_contexts(shared / "fixtures/hyperliquid/all_dexs_asset_ctxs_2026.json.gz", INSTANT)


@pytest.mark.parametrize(
    ("market_list", "own", "own_matches", "other_matches"), [("", "impact_band", 179, 3), ("xyz", "impact_mid", 155, 1)]
)
def test_each_list_matches_with_its_own_premium_and_not_with_the_others(
    assets: pl.DataFrame,
    market_list: str,
    own: str,
    own_matches: int,
    other_matches: int,
) -> None:
    builder = bool(market_list)
    rows = assets.filter((pl.col("market_list") != "") == builder)
    law = load_venue("hyperliquid").at(int(datetime.fromisoformat(INSTANT).timestamp() * 1000), market_list, "linear")
    assert [observe_of(dated).kind for dated in law] == [own]
    right = premiums_shown(rows, observe_of(law[0]))
    assert (len(right.published), int(right.exact.sum()), int(right.matched.sum())) == (own_matches,) * 3
    assert right.half == pytest.approx(5e-11)
    assert verdict("premium", right, "fraction").holds is True
    wrong = premiums_shown(rows, Observe("impact_band" if builder else "impact_mid"))
    assert int(wrong.exact.sum()) == other_matches
    assert wrong.matched.sum() < 0.11 * own_matches
    assert verdict("premium", wrong, "fraction").holds is False


def test_on_the_thin_network_one_premium_of_131_is_clipped_at_its_bound(shared: Path) -> None:
    rows = thin_network_contexts(shared / "fixtures/hyperliquid/testnet_meta_and_asset_ctxs_20241221.json.gz", "2024-12-21T00:00:00+00:00")
    observe = observe_of(load_venue("hyperliquid").at(1_734_739_200_000, "", "linear")[0])
    bounded, free = premiums_shown(rows, observe), premiums_shown(rows, unbounded(observe))
    assert (len(free.published), int(free.exact.sum())) == (131, 130)
    assert int(bounded.exact.sum()) == 131
    (clipped,) = np.flatnonzero(~free.exact)
    assert free.published[clipped] == observe.bound == 0.5
    assert free.computed[clipped] > 14


def test_23_fair_prices_are_the_index_moved_by_the_rate_of_the_time_left(shared: Path) -> None:
    shown = fair_prices(active_instruments(shared / "fixtures/cryptofeed/BITMEX.0.txt.gz"))
    assert len(shown.published) == 23
    assert (np.abs(shown.error) <= 2 * shown.half).sum() == 23, "within one published unit"
    assert int(shown.exact.sum()) == 20, "within half a unit, index and rate taken as exact"
    assert int(shown.matched.sum()) == 23
    assert (shown.tolerance <= 2.2 * shown.half).sum() == 20, "no tolerance is wider than its digits"
    wrong = active_instruments(shared / "fixtures/cryptofeed/BITMEX.0.txt.gz").with_columns(pl.col("funding_rate") * 2)
    assert fair_prices(wrong).matched.sum() < 12


def test_one_rate_alone_does_not_tell_its_digits_other_contracts_do(shared: Path) -> None:
    rows = active_instruments(shared / "fixtures/cryptofeed/BITMEX.0.txt.gz")
    one = rows.filter(pl.col("native_id") == "XBTUSD")
    assert fair_prices(one).tolerance[0] > 1
    assert fair_prices(one, rows).tolerance[0] < 0.03
    spoilt = one.with_columns(pl.col("mark_price_quote") + 0.05)
    found = audit_contract(
        Facts(
            funding(
                pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "funding_rate": pl.Float64, "interval_hours": pl.Float64}),
                "bitmex",
                "XBTUSD",
                "inverse",
            ),
            contexts=spoilt,
        ),
        load_venue("bitmex"),
        peers=rows,
    )
    assert {c.name: c.holds for c in found.checks}["fair price from the index and the rate"] is False
    assert found.finding


def row(**values: object) -> pl.DataFrame:
    own = {"native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "ts": datetime(2024, 1, 1, tzinfo=UTC), **values}
    return contexts([own], venue="madeup")


def test_a_fair_price_is_only_expected_where_the_venue_shows_its_fair_basis() -> None:
    values = {
        "mark_price_quote": 100.0,
        "index_price_quote": 90.0,
        "funding_rate": 0.0001,
        "interval_hours": 8.0,
        "next_funding": datetime(2024, 1, 1, 8, tzinfo=UTC),
    }
    assert len(fair_prices(row(**values)).published) == 0
    assert verdict("fair", fair_prices(row(**values)), "quote").holds is None
    assert len(fair_prices(row(**values, fair_basis_frac=0.1)).published) == 1


def test_contexts_under_a_rule_of_unknown_premium_say_so() -> None:
    law = venue(rule("one").replace('kind = "impact_band @text"', 'kind = "? nobody says"'))
    with pytest.raises(CatalogueError, match="nobody says"):
        observe_of(law.rules[0])
    shown = row(premium_frac=0.1, impact_bid_quote=100.0, impact_ask_quote=101.0, index_price_quote=90.0)
    empty = funding(
        pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "funding_rate": pl.Float64, "interval_hours": pl.Float64}),
        "madeup",
        "BTCUSDT",
        "linear",
    )
    found = audit_contract(Facts(empty, contexts=shown), law)
    (check,) = (c for c in found.checks if c.name == "premium from the prices shown")
    assert check.holds is None
    assert "nobody says" in check.detail


def test_contexts_under_disputed_readings_are_shown_and_fail_nothing() -> None:
    readings = (rule("a", status="disputed", dates='reading = "one"'), rule("b", status="disputed", dates='reading = "two"'))
    shown = row(premium_frac=0.5, impact_bid_quote=100.0, impact_ask_quote=101.0, index_price_quote=90.0)
    empty = funding(
        pl.DataFrame(schema={"ts": pl.Datetime("ms", "UTC"), "funding_rate": pl.Float64, "interval_hours": pl.Float64}),
        "madeup",
        "BTCUSDT",
        "linear",
    )
    found = audit_contract(Facts(empty, contexts=shown), venue(*readings))
    disputed = [c for c in found.checks if c.name.startswith("premium from the prices shown, by ")]
    assert [c.holds for c in disputed] == [None, None]
    assert all("0 of 1" in c.detail for c in disputed)
    assert not found.finding
