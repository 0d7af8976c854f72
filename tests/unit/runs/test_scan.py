"""Does a scan of a small store give the numbers worked out by hand, and reasons where it gives none?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.errors import CatalogueError, InputError, NotEnoughData
from perpscope.market.table import BOOK_MESSAGES, FUNDING
from perpscope.runs.scan import scan
from perpscope.store.fact import Fact
from perpscope.trading.scan.rank import Choice, ranked
from perpscope.trading.scan.told import brief
from tests.unit.audit.recordings import books, moment
from tests.unit.claims.held import funding, prices
from tests.unit.runs.scanned import DAY, DAYS, END, LINEAR, SPOT, START, USDC, asked, constant, lines, named, store_of, three

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3_600_000
KEYS = {
    "symbol", "kind", "legs", "gross_apr", "cost_bp", "net_apr_notional", "net_apr_capital", "breakeven_days", "p_positive",
    "liquidation_move", "capacity", "why_null",
}  # fmt: skip


def changed(frame: pl.DataFrame) -> pl.DataFrame:
    """Change every rate and price."""
    return frame.with_columns(pl.col(name) * 1.7 for name in ("funding_rate", "close_quote") if name in frame.columns)


def approx(value: float) -> Any:  # noqa: ANN401 - pytest's
    return pytest.approx(value, rel=1e-9)


def test_two_perpetuals_of_unequal_intervals_are_what_was_worked_out_by_hand(tmp_path: Path) -> None:
    """Short the 8 h contract, long the 4 h one.

    Gross: (1e-4 / 8 - 2e-5 / 4) x 8760 = 7.5e-6 x 8760 = 0.0657.
    Cost: fees 2 x 5 + 2 x 6 = 22 bp, four half spreads of 1 bp: 26 bp. Nothing is borrowed.
    Net of 30 days: 0.0657 - 0.0026 x 365 / 30 = 0.0657 - 0.0316333.. = 0.0340666..; capital 2 / 3: 0.0511.
    Break-even: 0.0026 x 365 / 0.0657 = 14.444.. days. It paid in every one of 71 windows of 30 days, 3.33 of them apart.
    Short at leverage 3, maintenance 0.5 %: (1 + 1/3) / 1.005 - 1 = 0.32670; long: (1 - 1/3) / 0.995 - 1 = -0.32998.
    """
    row = named(lines(store_of(tmp_path)), "short binanceusdm", "long bybit")
    assert row.keys() >= KEYS
    assert (row["symbol"], row["kind"]) == ("BTC", "perp_perp")
    assert row["gross_apr"] == approx(0.0657)
    assert row["cost_bp"] == approx(26)
    assert row["net_apr_notional"] == approx(0.0657 - 0.0026 * 365 / 30)
    assert row["capital"] == approx(2 / 3)
    assert row["net_apr_capital"] == approx(0.0511)
    assert row["breakeven_days"] == approx(0.0026 * 365 / 0.0657)
    assert (row["p_positive"], row["persistence"]["n"]) == (1.0, 71)
    assert row["persistence"]["effective_n"] == approx(100 / 30)
    assert row["liquidation_move"] == approx((1 + 1 / 3) / 1.005 - 1)
    assert [leg["move"] for leg in row["liquidation"]["legs"]] == [approx((4 / 3) / 1.005 - 1), approx((2 / 3) / 0.995 - 1)]
    assert [leg["received_apr"] for leg in row["legs"]] == [approx(0.1095), approx(-0.0438)]
    assert [(leg["n"], leg["sum"]) for leg in row["legs"]] == [(90, approx(90e-4)), (180, approx(180 * 2e-5))]
    assert {days: window["realised_apr"] for days, window in row["windows"].items()} == {d: approx(0.0657) for d in ("1", "7", "30", "90")}
    assert row["expected_apr"] == approx(0.0657)
    assert row["grey"] is False
    assert row["certificate"]["complete"] is True
    assert row["at"] == "2026-04-11T00:00:00Z"


def test_the_transfer_that_prevents_the_liquidation_brings_the_margin_back(tmp_path: Path) -> None:
    """Short 1 at leverage 3, price up by m = 0.3267: equity 1/3 - m, wanted (1 + m) / 3; the long leg has gained m by then."""
    first = named(lines(store_of(tmp_path)), "short binanceusdm", "long bybit")["liquidation"]["first"]
    m = (4 / 3) / 1.005 - 1
    assert first["transfer"] == approx((1 + m) / 3 - (1 / 3 - m))
    assert first["gain"] == approx(m)
    assert first["gain_covers_transfer"] is False


def test_an_interval_that_changes_inside_the_window_is_annualised_by_the_rows_own_hours(tmp_path: Path) -> None:
    """8 h, then 4 h, then 1 h, always 1e-5 an hour: 8.76 % in every window, and nothing against a contract of 1e-5 an hour."""
    eras = [(8, 80), (4, 10), (1, 10)]
    frames, start = [], START
    for hours, days in eras:
        frames.append(constant("binanceusdm", LINEAR, 1e-5 * hours, hours, days=days, start=start)[1])
        start += days * DAY
    store = store_of(tmp_path, (FUNDING, pl.concat(frames)), constant("hyperliquid", USDC, 1e-5, 1))
    rows = lines(store, terms={"naked": True})
    naked = named(rows, "short binanceusdm")
    assert {days: window["realised_apr"] for days, window in naked["windows"].items()} == {
        d: approx(0.0876) for d in ("1", "7", "30", "90")
    }
    assert naked["legs"][0]["intervals"] == [8.0, 4.0, 1.0]
    pair = next(row for row in rows if row["kind"] == "perp_perp")
    assert pair["gross_apr"] == pytest.approx(0.0, abs=1e-12)


def test_nothing_known_later_changes_anything(tmp_path: Path) -> None:
    at = START + 95 * DAY + 5 * HOUR
    before = [(table, frame.filter(pl.col("ts").dt.epoch("ms") <= at)) for table, frame in three()]
    later = [
        (
            table,
            frame.filter(pl.col("ts").dt.epoch("ms") > at).with_columns(
                pl.col(name) * 1.7 for name in ("funding_rate", "close_quote") if name in frame.columns
            ),
        )
        for table, frame in three()
    ]
    new = constant("gate", LINEAR, 9e-4, 8, days=40, start=at + DAY)
    gone = constant("bybit", LINEAR, 5e-4, 8, days=20, start=at + 120 * DAY)
    early = lines(store_of(tmp_path / "a", *before), at=at)
    late = lines(store_of(tmp_path / "b", *before, *later, new, gone), at=at)
    for row in (*early, *late):
        row["certificate"].pop("table_version")
    assert early == late
    assert len(early) == 6


def test_a_rate_expires_and_an_ended_contract_is_none(tmp_path: Path) -> None:
    store = store_of(
        tmp_path, constant("binanceusdm", LINEAR, 1e-4, 8), constant("bybit", LINEAR, 9e-4, 8, days=99), constant("okx", LINEAR, 2e-4, 8)
    )
    store.registry.record([Fact("okx", "", "BTCUSDT", "end", float(END - DAY), 0, END, "stated", 1)], "made", 1)
    found = scan(store, asked(at=END))
    assert found.left_out == {"stale": ("bybit BTC/USDT:USDT",), "ended": ("okx BTC/USDT:USDT",)}
    assert {leg["venue"] for row in found.rows for leg in row["legs"]} == {"binanceusdm", "binance"}


def test_a_ticker_that_was_used_before_is_another_contract(tmp_path: Path) -> None:
    """Rates of -1 % before a hole of 100 days; only the forty days after it count."""
    old = constant("binanceusdm", LINEAR, -1e-2, 8, days=30, start=START - 130 * DAY)
    now = constant("binanceusdm", LINEAR, 1e-4, 8, days=40)
    row = named(lines(store_of(tmp_path, (FUNDING, pl.concat([old[1], now[1]])))), "short binanceusdm", "long binance")
    assert row["gross_apr"] == approx(0.1095)
    assert row["windows"]["90"]["realised_apr"] is None
    assert row["certificate"]["history_hours"] == 40 * 24
    assert (row["p_positive"], "1.3 windows of 30 days" in row["why_null"]["p_positive"]) == (None, True)


def test_missing_fixings_are_told_and_never_filled(tmp_path: Path) -> None:
    table, frame = constant("binanceusdm", LINEAR, 1e-4, 8)
    stamp = pl.col("ts").dt.epoch("ms")
    two_days = frame.filter(~stamp.is_between(END - 12 * DAY, END - 10 * DAY))
    row = named(lines(store_of(tmp_path / "few", (table, two_days))), "short binanceusdm", "long binance")
    assert row["gross_apr"] == approx(0.1095)
    assert (row["certificate"]["complete"], row["certificate"]["hours"]) == (False, 720 - 7 * 8)
    many = frame.filter(~stamp.is_between(END - 22 * DAY, END - 10 * DAY))
    row = named(lines(store_of(tmp_path / "many", (table, many))), "short binanceusdm", "long binance")
    assert row["gross_apr"] is None
    assert "of the hours of 30 days are covered" in row["why_null"]["gross_apr"]
    assert row["why_null"]["net_apr_capital"] == "gross_apr not known"


def test_a_young_pair_is_ranked_by_the_longest_window_it_has_unless_a_window_was_asked_for(tmp_path: Path) -> None:
    """Twelve days: no 30, but 7. The fixings of those 7 days are 21."""
    store = store_of(tmp_path, constant("binanceusdm", LINEAR, 1e-4, 8, days=12))
    row = named(lines(store), "short binanceusdm", "long binance")
    assert (row["window_days"], row["gross_apr"], row["legs"][0]["n"]) == (7, approx(0.1095), 21)
    assert row["certificate"]["complete"] is True
    assert "no 30 days of common history yet: ranked by 7" in row["notes"]
    assert (row["younger"], "7 d only" in brief(row)[""]) == (True, True)
    asked_for = named(lines(store, terms={"window": 30, "shorter": False}), "short binanceusdm", "long binance")
    assert (asked_for["window_days"], asked_for["gross_apr"]) == (30, None)


def test_labels_that_contradict_their_stamps_give_no_rate(tmp_path: Path) -> None:
    """Eight hours written on hourly stamps: is the rate paid every hour, or an eighth of it? Nobody knows."""
    table, frame = constant("hyperliquid", USDC, 1e-4, 1)
    store = store_of(tmp_path, (table, frame.with_columns(pl.lit(8.0).alias("interval_hours"))))
    row = named(lines(store), "short hyperliquid", "long hyperliquid")
    assert row["gross_apr"] is None
    assert "labels and stamps disagree" in row["why_null"]["gross_apr"]


def test_unknown_costs_are_nulls_with_reasons_and_stop_a_strict_scan(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    row = named(
        lines(store, given=(), margins=asked(margins=None).margins or asked().margins.__class__()), "short binanceusdm", "long bybit"
    )
    assert (row["cost_bp"], row["net_apr_notional"], row["net_apr_capital"], row["breakeven_days"], row["p_positive"]) == (None,) * 5
    assert "no spread of BTC/USDT:USDT at bybit is on record" in row["why_null"]["cost_bp"]
    assert {name for name in KEYS if row.get(name) is None} <= row["why_null"].keys()
    assert row["known_cost_bp"] > 0
    assert row["net_apr_capital_at_most"] is not None
    with pytest.raises(CatalogueError, match=r"^BTC \w+, .*cost file"):
        scan(store, asked(given=(), strict=True))


def test_a_strict_scan_stops_at_a_gap(tmp_path: Path) -> None:
    table, frame = constant("binanceusdm", LINEAR, 1e-4, 8)
    holed = frame.filter(pl.col("ts").dt.epoch("ms") != END - 5 * DAY)
    costs = asked().given
    more = read_costs("[[opportunity]]\nper_year_pct = 0\n[[liquidation]]\nfee_pct = 0.5")
    with pytest.raises(NotEnoughData, match="712 of 720 hours"):
        scan(store_of(tmp_path, (table, holed)), asked(given=(*costs, *more), strict=True))


def test_what_the_capital_would_earn_elsewhere_is_a_cost_of_holding(tmp_path: Path) -> None:
    more = (*asked().given, *read_costs("[[opportunity]]\nper_year_pct = 3"))
    row = named(lines(store_of(tmp_path), given=more), "short binanceusdm", "long bybit")
    assert (row["opportunity_apr"], row["hold_apr"]) == (approx(0.03), approx(0.03 * 2 / 3))
    assert row["net_apr_notional"] == approx(0.0657 - 0.02 - 0.0026 * 365 / 30)


def test_units_of_a_thousand_coins_are_the_same_coin_and_other_quotes_are_said(tmp_path: Path) -> None:
    store = store_of(tmp_path, constant("binanceusdm", "1000PEPE/USDT:USDT", 1e-4, 8), constant("hyperliquid", "PEPE/USDC:USDC", 1e-5, 1))
    row = named(lines(store), "short binanceusdm", "long hyperliquid")
    assert row["symbol"] == "PEPE"
    assert row["legs"][0]["units_per_contract_of_coin"] == 1000
    assert any("USDC and USDT: taken for one" in note for note in row["notes"])
    assert any("1000PEPE and PEPE" in note for note in row["notes"])


def test_filters_choose(tmp_path: Path) -> None:
    store = store_of(tmp_path, *three(), constant("bybit", "ETH/USDT:USDT", 1e-4, 8))
    assert {row["symbol"] for row in lines(store, symbols=("eth",))} == {"ETH"}
    assert all(LINEAR in {leg["symbol"] for leg in row["legs"]} for row in lines(store, symbols=(LINEAR,)))
    assert all("bybit" in {leg["venue"] for leg in row["legs"]} for row in lines(store, venues=("bybit",)))
    both = lines(store, venues=("binanceusdm", "bybit"), kinds=("perp_perp",))
    assert [{leg["venue"] for leg in row["legs"]} for row in both] == [{"binanceusdm", "bybit"}]
    assert all(row["net_apr_capital"] >= 0.02 for row in lines(store, Choice(min_net=0.02)))
    assert [row["rank"] for row in lines(store, Choice(top=2))] == [1, 2]
    nets = [row["net_apr_capital"] for row in lines(store) if row["net_apr_capital"] is not None]
    assert nets == sorted(nets, reverse=True)


def test_collateral_that_is_moved_costs_its_fee(tmp_path: Path) -> None:
    """Two transfers of 10 USDT on 100,000: 2 bp more."""
    ways = "".join(f'[[transfer]]\nvenue = "{venue}"\nasset = "USDT"\nfee = 10\nhours = 1\n' for venue in ("binanceusdm", "bybit"))
    given = (*asked().given, *read_costs(ways))
    row = named(lines(store_of(tmp_path), given=given, terms={"transfers": 2}), "short binanceusdm", "long bybit")
    assert row["cost_bp"] == approx(28)


def test_contracts_that_had_ended_have_no_say_in_when_the_data_of_a_coin_ends(tmp_path: Path) -> None:
    """Two of three ended a day before the last stamp: nobody can trade them, and the third is looked at where its data ends."""
    gone = [constant(venue, LINEAR, 1e-4, 8, days=DAYS - 1) for venue in ("binanceusdm", "okx")]
    store = store_of(tmp_path, *gone, constant("bybit", LINEAR, 2e-4, 8))
    facts = [Fact(venue, "", "BTCUSDT", "end", float(END - DAY + HOUR), 0, END, "stated", 1) for venue in ("binanceusdm", "okx")]
    store.registry.record(facts, "made", 1)
    found = scan(store, asked())
    assert found.moments == (END,)
    assert set(found.left_out["ended"]) == {"binanceusdm BTC/USDT:USDT", "okx BTC/USDT:USDT"}


def test_expected_figures_stand_on_the_forecast(tmp_path: Path) -> None:
    wave = [1e-4 * (1 + 0.5 * ((k // 3) % 2)) for k in range(300)]
    store = store_of(tmp_path, funding("binanceusdm", LINEAR, START, wave))
    row = named(lines(store, terms={"by": "expected"}), "short binanceusdm", "long binance")
    assert row["stands_on"] == "expected"
    assert row["gross_apr"] == row["expected_apr"] != row["windows"]["30"]["realised_apr"]


@pytest.mark.parametrize(
    ("words", "match"),
    [({"symbols": ("NOPE",)}, "the store holds BTC"), ({"history": 20}, "a history of 20 days"), ({"terms": {"hold": 0}}, "held 0 days")],
)
def test_what_cannot_be_scanned_says_so(tmp_path: Path, words: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        lines(store_of(tmp_path), **words)


def test_an_empty_store_and_a_time_before_all_data_say_so(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughData, match="holds no funding"):
        lines(store_of(tmp_path / "empty", prices("binance", SPOT, START, [1.0])))
    with pytest.raises(NotEnoughData, match="up to 2020"):
        lines(store_of(tmp_path / "late"), at=START - 6 * 365 * DAY)


def test_recorded_books_tell_what_crossing_costs_and_how_much_they_hold_but_only_those_of_the_past(tmp_path: Path) -> None:
    """Mid 100, ten coins each at half a unit and at one and a half from it.

    Both legs of 100 quote units fill at the best price: 0.5 % of the mid, four times. Ten of 99.5 and ten of 98.5 are 1,980 on the thinner
    side: beyond, nobody knows.
    """
    fees = read_costs('[[fee]]\nvenue = "binanceusdm"\ntaker_bp = 0\n[[fee]]\nvenue = "binance"\ntaker_bp = 0')
    who = [{"venue": "binanceusdm", "native_id": "BTCUSDT", "symbol": LINEAR, "market": "linear"}]
    who += [{"venue": "binance", "native_id": "BTCUSDT", "symbol": SPOT, "market": "spot"}]
    recorded = [(BOOK_MESSAGES, books([message(k, END - HOUR + k * 60_000, 0.5) for k in range(2)], **each)) for each in who]
    later = [(BOOK_MESSAGES, books([message(k, END + HOUR + k * 60_000, 9.0) for k in range(2)], **each)) for each in who]
    store = store_of(tmp_path, constant("binanceusdm", LINEAR, 1e-3, 8), *recorded, *later)
    row = named(lines(store, at=END, given=fees, terms={"notional": 100}), "short binanceusdm", "long binance")
    assert row["cost_bp"] == approx(200)
    assert row["capacity"] == pytest.approx(1980, rel=1e-6)
    assert "the recorded book holds 1,980 on the bid side" in row["capacity_bound"]


def message(k: int, at: int, half: float) -> dict[str, Any]:
    """One snapshot of a book about 100."""
    sides = {"bid_prices": [100 - half, 99 - half], "ask_prices": [100 + half, 101 + half]}
    held = {"bid_quantities": [10.0, 10.0], "ask_quantities": [10.0, 10.0]}
    return {"sequence": k, "ts": moment(at), "received": moment(at), "kind": "snapshot", "last_update": k, **sides, **held}


def test_only_the_best_are_kept_where_no_more_are_asked_for(tmp_path: Path) -> None:
    store = store_of(tmp_path, *three(), constant("bybit", "ETH/USDT:USDT", 1e-4, 8))
    whole, best = scan(store, asked()), scan(store, asked(kept=Choice(top=2)))
    assert (len(best.rows), best.trades) == (2, whole.trades)
    assert ranked(best.rows, Choice(top=2)) == ranked(whole.rows, Choice(top=2))
