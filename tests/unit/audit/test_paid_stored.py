"""Are positions paid from the store as an independent computation on its tables says, generated and real?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from perpscope.audit.paid.other import compare
from perpscope.audit.paid.run import Paid, run_settlement
from perpscope.cli.app import FINDING, run
from perpscope.collect.generated import fill
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.table import FUNDING, PRICES
from perpscope.market.time import day_ms, to_ms
from perpscope.simulation.scenarios.first_look import FIRST_LOOK
from perpscope.sources.records import read_positions
from perpscope.store import Source, Store
from tests.unit.audit.paying import Row, fixing, held, lines, paid

CLOSE = 1e-12
"""Relative: polars sums doubles where we sum fractions; a few thousand terms of one size stay far inside it."""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Ten days of the generated scenario."""
    store = Store.open(tmp_path_factory.mktemp("generated"), create=True)
    fill(store, replace(FIRST_LOOK, end=day_ms("2023-01-11")))
    return store


def settled(store: Store, positions: Sequence[Row], **how: Any) -> Paid:  # noqa: ANN401 - options of run_settlement
    return run_settlement(read_positions(lines(positions)).rows, None, store=store, **how)


def changes(venue: str, symbol: str, count: int = 12, seed: int = 1) -> list[Row]:
    """Random changes of two accounts inside the scenario, some of them at full hours."""
    rng = random.Random(seed)  # noqa: S311 - positions, no secret
    start = day_ms("2023-01-01")
    moments = rng.sample(range(240 * 60), count)
    rows = []
    for k, minute in enumerate(moments):
        at = start + (minute - (minute % 60 if k % 3 == 0 else 0)) * 60_000
        rows.append(
            {"account": f"account {k % 2}", "venue": venue, "symbol": symbol, "at": at, "quantity": str(rng.randint(-500, 500) / 100)}
        )
    return rows


def by_polars(store: Store, positions: Sequence[Row], column: str, size: float) -> dict[str, float]:
    """-quantity x size x price x rate of every stamp, the quantity of the last row at or before it."""
    venue, symbol = positions[0]["venue"], positions[0]["symbol"]
    told = store.read(FUNDING, venue=venue, symbol=symbol).select("slot", "funding_rate", column)
    moved = (
        pl.DataFrame(positions).with_columns(pl.col("at").cast(pl.Datetime("ms", "UTC")), pl.col("quantity").cast(pl.Float64)).sort("at")
    )
    sums = {}
    for (account,), own in moved.group_by("account"):
        joined = told.sort("slot").join_asof(own, left_on="slot", right_on="at", strategy="backward")
        sums[str(account)] = -joined.select((pl.col("quantity") * size * pl.col(column) * pl.col("funding_rate")).sum()).item()
    return sums


@pytest.mark.parametrize(
    ("venue", "symbol", "column", "size"),
    [
        ("sim:binanceusdm", "BTC/USDT:USDT", "mark_price_quote", 1.0),
        ("sim:hyperliquid", "ETH/USDC:USDC", "index_price_quote", 1.0),
        ("sim:okx", "BTC/USDT:USDT", "mark_price_quote", 0.01),
    ],
)
def test_a_generated_market_is_paid_as_polars_says(generated: Store, venue: str, symbol: str, column: str, size: float) -> None:
    positions = changes(venue, symbol)
    found = settled(generated, positions)
    contract = next(iter(found.terms.values()))[0].contract
    expected = by_polars(generated, positions, column, size)
    assert contract.size == pytest.approx(size)
    by_account: dict[str, float] = dict.fromkeys(expected, 0.0)
    for p in found.settled.payments:
        by_account[p.account] += float(p.amount)
    assert by_account == pytest.approx(expected, rel=CLOSE)
    assert not any(p.estimated for p in found.settled.payments)


def test_what_the_store_does_not_hold_is_no_payment_of_zero(generated: Store) -> None:
    with pytest.raises(NotEnoughData, match="the store holds none from 2023-01-01"):
        settled(generated, [held("2023-01-01T00:00:00Z", "1", "sim:binanceusdm", "DOGE/USDT:USDT")])
    with pytest.raises(InputError, match="neither a file nor a store"):
        run_settlement(read_positions(lines([held("00:00", "1")])).rows, None)


def test_a_counterfactual_of_the_store(generated: Store) -> None:
    """The generated venues share one premium, so that one's rule over the other's premiums is near what the other published."""
    positions = [held("2023-01-01T00:00:00Z", "1", "sim:hyperliquid", "BTC/USDC:USDC")]
    own = settled(generated, positions)
    same, other = compare(own, "hyperliquid"), compare(own, "binanceusdm")
    assert float(same.other.totals["USDC"]) == pytest.approx(
        float(own.settled.totals["USDC"]), rel=1e-4
    )  # rates are printed to eight digits
    theirs = settled(generated, [held("2023-01-01T00:00:00Z", "1", "sim:binanceusdm", "BTC/USDT:USDT")])
    # hours of averages against five-second samples, and mark against index as the notional
    assert float(other.other.totals["USDC"]) == pytest.approx(float(theirs.settled.totals["USDT"]), rel=0.02)


def test_the_parts_of_a_stored_counterfactual_add_up(generated: Store) -> None:
    own = settled(generated, [held("2023-01-01T00:30:00Z", "1.5", "sim:hyperliquid", "BTC/USDC:USDC")])
    found = compare(own, "deribit")
    assert sum(found.by_part["me", "USDC"].values()) == found.other.totals["USDC"] - own.settled.totals["USDC"]
    assert {"clamp", "interest", "payment"} & set(found.by_part["me", "USDC"])


def prices(store: Store, kind: str, **edges: float) -> None:
    """Write one bar of an hour that closes at 08:00 for the contract without prices."""
    row = {
        "venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": "",
        "price_kind": kind, "bar_hours": 1.0, "precision": "float64",
        "ts": to_ms("2024-05-01T07:00:00Z"), "close_quote": 60_000.0, **edges,
    }  # fmt: skip
    source = Source(name=f"bars of {kind} {sorted(edges)}", sha256=f"{kind}{sorted(edges)}", table=PRICES.name, rows=1)
    frame = pl.DataFrame([row]).with_columns(pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.lit(source.id).alias("source"))
    store.write(PRICES, PRICES.conform(frame), source)


def unpriced(folder: Path) -> Store:
    """A store with one fixing of 08:00 that says no price."""
    store = Store.open(folder, create=True)
    row = {
        "venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": "",
        "ts": to_ms("2024-05-01T08:00:00.011Z"), "slot": to_ms("2024-05-01T08:00:00Z"), "funding_rate": 0.0001, "interval_hours": 8.0,
        "kind": "settled", "accrual": "stamp",
    }  # fmt: skip
    source = Source(name="one fixing", sha256="one", table=FUNDING.name, rows=1)
    frame = pl.DataFrame([row]).with_columns(pl.col("ts", "slot").cast(pl.Datetime("ms", "UTC")), pl.lit(source.id).alias("source"))
    store.write(FUNDING, FUNDING.conform(frame), source)
    return store


def test_a_bar_of_the_right_price_is_the_price(tmp_path: Path) -> None:
    store = unpriced(tmp_path / "store")
    with pytest.raises(InputError, match="the price of the notional is missing"):
        settled(store, [held("00:00", "1")])
    prices(store, "mark")
    payment = settled(store, [held("00:00", "1")]).settled.payments[0]
    assert (payment.at, payment.amount, payment.estimated) == (to_ms("2024-05-01T08:00:00Z"), -6, False)


def test_another_price_stands_in_only_where_asked_with_the_range_of_its_bar(tmp_path: Path) -> None:
    store = unpriced(tmp_path / "store")
    prices(store, "trade", high_quote=60_600.0, low_quote=59_700.0)
    with pytest.raises(InputError, match="the price of the notional is missing"):
        settled(store, [held("00:00", "1")])
    payment = settled(store, [held("00:00", "1")], missing_price="estimate").settled.payments[0]
    assert (payment.amount, payment.estimated) == (-6, True)
    assert float(payment.possible_error) == pytest.approx(0.06)


def test_a_bar_without_its_range_bounds_nothing(tmp_path: Path) -> None:
    store = unpriced(tmp_path / "store")
    prices(store, "trade", high_quote=60_600.0)
    payment = settled(store, [held("00:00", "1")], missing_price="estimate").settled.payments[0]
    assert (payment.estimated, payment.possible_error) == (True, float("inf"))


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three files of real histories."""
    folder = tmp_path_factory.mktemp("real")
    names = (
        "funding_deribit_btc_hourly.parquet",
        "funding_cross_section_2025_2026.parquet",
        "funding_hyperliquid_btc_eth_hourly_premium.parquet",
    )
    files = [str(shared / "data" / name) for name in names]
    assert run(["--store", str(folder), "--no-open", "data", "import", *files]) == FINDING  # one row has no interval, and is refused
    return Store.open(folder)


def test_real_marks_of_a_year_are_paid_as_polars_says(real: Store) -> None:
    """Sixteen months of eight- and four-hourly rates with the mark published beside them; n is what the file holds of them."""
    for symbol in ("BNB/USDT:USDT", "WIF/USDT:USDT"):
        start = to_ms("2025-08-22T00:00:00Z")
        rng = random.Random(symbol)  # noqa: S311 - positions, no secret
        positions = [
            {
                "account": "me",
                "venue": "binanceusdm",
                "symbol": symbol,
                "at": start + k * 86_400_000 * 30,
                "quantity": str(rng.randint(-9, 9)),
            }
            for k in range(12)
        ]
        found = settled(real, positions)
        assert float(found.settled.totals["USDT"]) == pytest.approx(by_polars(real, positions, "mark_price_quote", 1.0)["me"], rel=CLOSE)
        assert {p.interval_hours for p in found.settled.payments} == ({8} if symbol[0] == "B" else {4, 8})


def test_real_accrual_at_the_index_is_paid_as_polars_says(real: Store) -> None:
    """Ten dollars a contract, 1,000 contracts held from before 2020 on; the hole of 27 August 2020 is told."""
    found = settled(real, [held("2020-01-01T00:00:00Z", "1000", "deribit", "BTC/USD:BTC")])
    told = real.read(FUNDING, venue="deribit", symbol="BTC/USD:BTC").filter(pl.col("slot") > pl.datetime(2020, 1, 1, time_zone="UTC"))
    expected = -told.select((10_000 / pl.col("index_price_quote") * pl.col("funding_rate")).sum()).item()
    assert float(found.settled.totals["BTC"]) == pytest.approx(expected, rel=CLOSE)
    assert len(found.settled.payments) == told.height
    assert [hole.start for hole in found.settled.holes] == [to_ms("2020-08-27T05:00:00Z")]


@pytest.fixture(scope="module")
def hourly(real: Store) -> Paid:
    """Fifty days of real hourly rates with their premiums, priced at 40,000: one price, so that only rates differ."""
    told = real.read(FUNDING, venue="hyperliquid", symbol="BTC/USDC:USDC", end_ms=day_ms("2024-02-20")).filter(
        pl.col("premium_frac").is_not_null()
    )
    rows = [
        fixing(f"{slot:%Y-%m-%dT%H:%M:%SZ}", rate, 1, "40000", "hyperliquid", "BTC", premium=premium)
        for slot, rate, premium in told.select("slot", "funding_rate", "premium_frac").iter_rows()
    ]
    return paid([held("2024-01-01T00:00:00Z", "1", "hyperliquid", "BTC")], rows)


@pytest.mark.parametrize("venue", ["hyperliquid", "binanceusdm", "bitmex", "bybit", "deribit", "krakenfutures"])
def test_real_premiums_under_another_rule(hourly: Paid, venue: str) -> None:
    """Clamps of one width move totals little; a rule without a clamp or interest is told by those parts; parts add up."""
    found = compare(hourly, venue)
    own, other = (float(run.totals["USDC"]) for run in (hourly.settled, found.other))
    assert sum(found.by_part["me", "USDC"].values()) == found.other.totals["USDC"] - hourly.settled.totals["USDC"]
    if venue in {"binanceusdm", "bybit", "bitmex"}:
        assert other == pytest.approx(own, rel=0.1)
        assert any(note.endswith("the other rule has other stamps; a premium counts for the whole of its interval") for note in found.notes)
    if venue == "hyperliquid":
        assert other == pytest.approx(own, rel=1e-6)
    assert any("the premium is what hyperliquid averaged of its own market" in note for note in found.notes)
    assert any("decides an interval ahead" in note for note in found.notes) == (venue in {"bitmex", "krakenfutures"})


def test_a_hole_is_not_filled_by_another_rule(hourly: Paid) -> None:
    """The file lacks 220 hours of January 2024."""
    assert any("220 h were held without a known fixing" in note for note in hourly.notes)
    windows = {p.at for p in compare(hourly, "binanceusdm").other.payments}
    assert not [at for at in windows if to_ms("2024-01-22T00:00:00Z") <= at <= to_ms("2024-01-31T00:00:00Z")]


def test_a_flat_rate_tells_no_premium() -> None:
    rows = [fixing("08:00", "0.0001", 8, "60000"), fixing("16:00", "0.0001", 8, "60000")]
    with pytest.raises(NotEnoughData, match=r"2 of 2 rates do not tell it .* many premiums lead to it\. Give `premium`"):
        compare(paid([held("00:00", "1")], rows), "hyperliquid")


def test_a_steep_rate_tells_its_premium() -> None:
    """0.0008 = P - 0.0005 under a rule of that clamp, so P is 0.0013: hourly under the other rule, (P - 0.0005) / 8."""
    rows = [fixing("08:00", "0.0008", 8, "60000")]
    found = compare(paid([held("00:00", "1")], rows), "hyperliquid")
    assert {p.rate for p in found.other.payments} == {Fraction("0.0001")}
    assert len(found.other.payments) == 8
    assert "binanceusdm BTC/USDT:USDT: 1 of 1 premiums were worked out from their rates under its own rule" in found.notes
    assert any("7 payments of the other rule are estimates" in note for note in found.notes)
