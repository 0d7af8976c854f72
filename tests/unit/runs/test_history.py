"""Do rows of a store become the history of a trade's legs, each price when it was known and each lack in words?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import INF
from perpscope.market.time import FOREVER, day_ms
from perpscope.runs.contracts import Margins
from perpscope.runs.history import Wanted, gather
from perpscope.store.fact import Fact
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_HOUR
from tests.unit.claims.held import funding, prices
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    from perpscope.store import Store

START = day_ms("2021-04-01")
HOUR = MS_PER_HOUR
PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"
SHORT = Leg("binanceusdm", PERP, "short", leverage=3)
LONG = Leg("binance", SPOT, "long")
PAIR = Trade("cash_and_carry", (SHORT, LONG))
WIGGLY = [100.0 + (k * k * 7 % 11) for k in range(49)]


def two_days(folder: Path, *, perp: list[float] | None = None) -> Store:
    """Hourly bars of both legs over two days, and six fixings."""
    return stocked(
        folder,
        prices("binanceusdm", PERP, START - HOUR, perp or WIGGLY, market="linear"),
        prices("binance", SPOT, START - HOUR, WIGGLY),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )


def test_a_bar_is_known_at_its_close(tmp_path: Path) -> None:
    found = gather(two_days(tmp_path), PAIR, Wanted())
    bars = found.histories[0].bars
    assert bars.known[0] == START
    assert bars.known[-1] == START + 48 * HOUR
    assert list(bars.trade) == WIGGLY
    assert (bars.mark_is, bars.step_hours) == ("trade", 1.0)
    assert (found.start, found.end) == (START, START + 48 * HOUR)


def test_a_fixing_is_paid_at_the_close_of_its_stamp_and_says_that_this_is_an_estimate(tmp_path: Path) -> None:
    found = gather(two_days(tmp_path), PAIR, Wanted())
    first = found.histories[0].fixings[0]
    assert first.at == START + 8 * HOUR
    assert first.price == WIGGLY[8]
    assert first.price_error == 0  # the made bars have no range
    assert any("6 fixings are assumed" in words for words in found.assumed)
    assert any("not the one its rule names (mark)" in lack.there for lack in found.lacks)


def test_a_published_mark_is_no_estimate(tmp_path: Path) -> None:
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        funding("binanceusdm", PERP, START, [1e-4] * 6, mark_price_quote=[50.0 + k for k in range(6)]),
    )
    found = gather(store, Trade("naked_short", (SHORT,)), Wanted())
    assert [f.price for f in found.histories[0].fixings] == [50.0 + k for k in range(6)]
    assert all(f.price_error is None for f in found.histories[0].fixings)


def test_a_stamp_inside_a_bar_is_paid_at_the_last_close_before_it(tmp_path: Path) -> None:
    table, bars = prices("binanceusdm", PERP, START - HOUR // 2, WIGGLY, market="linear")
    ranged = bars.with_columns((pl.col("close_quote") + 3).alias("high_quote"), (pl.col("close_quote") - 1).alias("low_quote"))
    store = stocked(tmp_path, (table, ranged), funding("binanceusdm", PERP, START, [1e-4] * 6))
    first = gather(store, Trade("naked_short", (SHORT,)), Wanted()).histories[0].fixings[0]
    assert first.price == WIGGLY[7]  # closed half an hour before the stamp
    held = WIGGLY[8]  # the bar that holds the stamp
    assert first.price_error == pytest.approx(max((held + 3) / WIGGLY[7] - 1, 1 - (held - 1) / WIGGLY[7]))


def test_marks_are_the_marks_where_every_bar_has_one(tmp_path: Path) -> None:
    marks = [price + 0.5 for price in WIGGLY]
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        prices("binanceusdm", PERP, START - HOUR, marks, market="linear", kind="mark"),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    found = gather(store, Trade("naked_short", (SHORT,)), Wanted())
    bars = found.histories[0].bars
    assert (bars.mark_is, list(bars.mark), list(bars.trade)) == ("mark", marks, WIGGLY)
    assert [f.price for f in found.histories[0].fixings] == [marks[8 * k] for k in range(1, 7)]
    assert all(f.price_error is None for f in found.histories[0].fixings)


def test_a_bar_without_a_mark_keeps_its_own_price_and_no_other_bar_does(tmp_path: Path) -> None:
    marks = [price + 0.5 for price in WIGGLY]
    table, rows = prices("binanceusdm", PERP, START - HOUR, marks, market="linear", kind="mark")
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        (table, rows.filter(~pl.int_range(pl.len()).is_in([16, 30]))),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    found = gather(store, Trade("naked_short", (SHORT,)), Wanted())
    bars = found.histories[0].bars
    assert list(bars.mark) == [price if k in {16, 30} else price + 0.5 for k, price in enumerate(WIGGLY)]
    assert [one.price_error is None for one in found.histories[0].fixings] == [k != 16 for k in range(8, 49, 8)]
    assert [lack.told for lack in found.lacks][:2] == [
        f"the marks of {SHORT.name}: 2 of 49 bars have none, and the trade price stands in",
        f"the funding of {SHORT.name}: the price of 1 of 6 fixings is not the one its rule names (mark)",
    ]
    assert f"{SHORT.name}: the trade price is assumed to be the mark of 2 bars that have none" in found.assumed


def test_marks_of_hours_in_which_nobody_traded_are_extremes_of_the_next_bar(tmp_path: Path) -> None:
    marks = [price + (60.0 if k == 15 else 0.5) for k, price in enumerate(WIGGLY)]
    table, rows = prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear")
    store = stocked(
        tmp_path,
        (table, rows.filter(~pl.int_range(pl.len()).is_between(14, 17))),
        prices("binanceusdm", PERP, START - HOUR, marks, market="linear", kind="mark"),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    found = gather(store, Trade("naked_short", (SHORT,)), Wanted()).histories[0]
    row = list(found.bars.known).index(START + 18 * HOUR)
    assert (found.bars.high[row], found.bars.low[row], found.bars.mark[row]) == (WIGGLY[15] + 60, min(marks[14:19]), marks[18])
    assert found.bars.open is not None
    assert found.bars.open[row] == marks[14]
    assert (found.bars.high[13], found.bars.high[row + 1]) == (marks[13], marks[19])
    assert (found.fixings[1].price, found.fixings[1].price_error) == (marks[16], None)  # nobody traded at its stamp, but the mark is held


def test_drawn_hours_are_left_out_and_counted(tmp_path: Path) -> None:
    table, bars = prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear")
    place = pl.int_range(pl.len())
    line = place.is_between(9, 13)

    def drawn(name: str, up: float) -> pl.Expr:
        before = pl.col("close_quote").shift(1).fill_null(100.0)
        own = before if name == "open" else pl.col("close_quote") + up
        return pl.when(line).then(100 + up + (place - 9) * 0.7).otherwise(own).alias(f"{name}_quote")

    columns = [drawn(name, up) for name, up in (("open", 0.1), ("high", 12), ("low", -12), ("close", 0))]
    columns.append(pl.when(line).then(50 + 3.0 * place).otherwise(7.0 + place % 4).alias("volume_base"))
    store = stocked(
        tmp_path,
        (table, bars.with_columns(*columns)),
        prices("binance", SPOT, START - HOUR, WIGGLY),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    found = gather(store, PAIR, Wanted())
    assert len(found.histories[0].bars.known) == 46
    (lack,) = [one for one in found.lacks if "prices" in one.asked]
    assert lack.there.startswith("1 holes, 3 h in all (in 3 bars nobody traded)")


@pytest.mark.parametrize("line", [[100.0] * 49, [100.0 + k for k in range(49)], [100.0 + k // 9 * 5 + k for k in range(49)]])
@pytest.mark.parametrize("reach", [0.0, 2.0])
def test_a_market_on_a_line_is_no_drawing(tmp_path: Path, line: list[float], reach: float) -> None:
    table, bars = prices("binanceusdm", PERP, START - HOUR, line, market="linear")
    ranged = bars.with_columns((pl.col("close_quote") + reach).alias("high_quote"), (pl.col("close_quote") - reach).alias("low_quote"))
    rising = pl.int_range(pl.len()) + 100.0
    for number, volume in enumerate((pl.lit(None, dtype=pl.Float64), pl.lit(5.0), pl.lit(0.0), rising, 7.0 + rising % 3)):
        opened = pl.col("close_quote").shift(1).fill_null(line[0]) if number % 2 else pl.col("close_quote")
        told = ranged.with_columns(volume.alias("volume_base"), opened.alias("open_quote"))
        store = stocked(tmp_path / str(number), (table, told), funding("binanceusdm", PERP, START, [1e-4] * 6))
        assert list(gather(store, Trade("naked_short", (SHORT,)), Wanted()).histories[0].bars.trade) == line


def test_the_finest_common_length_is_taken_and_another_can_be_asked_for(tmp_path: Path) -> None:
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        prices("binanceusdm", PERP, START - 8 * HOUR, WIGGLY[:7], market="linear", hours=8),
        prices("binance", SPOT, START - 8 * HOUR, WIGGLY[:7], hours=8),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    assert [one.bars.step_hours for one in gather(store, PAIR, Wanted()).histories] == [8, 8]
    naked = Trade("naked_short", (SHORT,))
    assert gather(store, naked, Wanted()).histories[0].bars.step_hours == 1
    assert gather(store, naked, Wanted(bar_hours=8)).histories[0].bars.step_hours == 8
    with pytest.raises(NotEnoughData, match="bars of 4 h"):
        gather(store, naked, Wanted(bar_hours=4))


def test_legs_without_a_common_length_keep_their_own(tmp_path: Path) -> None:
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        prices("binance", SPOT, START - 8 * HOUR, WIGGLY[:7], hours=8),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
    )
    assert [one.bars.step_hours for one in gather(store, PAIR, Wanted()).histories] == [1, 8]


def test_a_window_the_prices_do_not_reach_is_a_lack(tmp_path: Path) -> None:
    found = gather(two_days(tmp_path), PAIR, Wanted(end=START + 100 * HOUR))
    assert found.end == START + 48 * HOUR
    assert [one.asked for one in found.lacks if "window" in one.asked] == [f"the window of {leg.name}" for leg in PAIR.legs]


def test_a_contract_that_ended_lets_the_window_go_on(tmp_path: Path) -> None:
    store = two_days(tmp_path, perp=WIGGLY[:25])
    ended = START + 24 * HOUR
    fact = Fact("binanceusdm", "", "BTCUSDT", "end", float(ended), 0, FOREVER, "stated")
    store.registry.record([fact], "made", 0)
    found = gather(store, PAIR, Wanted())
    assert found.end == START + 48 * HOUR
    assert found.histories[0].listing.ended == ended


def test_of_a_name_borne_twice_the_first_contract_is_meant(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    facts = [Fact("binanceusdm", "", "BTCUSDT", "end", float(START + 20 * HOUR), 0, FOREVER, "stated")]
    facts.append(Fact("binanceusdm", "", "BTCUSDT", "listing", float(START + 30 * HOUR), 0, FOREVER, "stated"))
    store.registry.record(facts, "made", 0)
    found = gather(store, PAIR, Wanted())
    assert (len(found.histories[0].bars.known), len(found.histories[0].fixings)) == (21, 2)
    assert found.histories[0].listing.ended == START + 20 * HOUR
    assert any("the contract that ended at 2021-04-01T20:00:00Z is assumed to be meant" in words for words in found.assumed)
    assert not any("holes" in lack.there for lack in found.lacks)
    later = gather(store, PAIR, Wanted(start=START + 24 * HOUR))
    assert (later.histories[0].listing.listed, later.histories[0].listing.ended) == (START + 30 * HOUR, None)


def test_an_end_that_nobody_states_is_a_lack(tmp_path: Path) -> None:
    late = START + 150 * 24 * HOUR
    store = stocked(
        tmp_path,
        prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
        prices("binanceusdm", PERP, late - HOUR, WIGGLY, market="linear"),
        prices("binance", SPOT, START - HOUR, WIGGLY),
        funding("binanceusdm", PERP, START, [1e-4] * 6),
        funding("binanceusdm", PERP, late, [1e-4] * 6),
    )
    spans = [(START, START + 48 * HOUR), (late, late + 48 * HOUR)]
    store.registry.record([Fact("binanceusdm", "", "BTCUSDT", "seen", 6.0, *span, "inferred", 6) for span in spans], "made", 0)
    found = gather(store, PAIR, Wanted())
    assert found.histories[0].listing.ended == START + 48 * HOUR
    (lack,) = [one for one in found.lacks if one.kind == "end"]
    assert "no source states one, and after 2021-04-03T00:00:00Z none has a row for 90 days or more" in lack.there
    assert any("it is assumed to have ended at 2021-04-03T00:00:00Z" in words for words in found.assumed)


def test_funding_that_begins_late_or_ends_early_is_a_lack(tmp_path: Path) -> None:
    for number, (first, count, since) in enumerate(((START + 24 * HOUR, 3, "2021-04-01T00"), (START, 4, "2021-04-02T08"))):
        store = stocked(
            tmp_path / str(number),
            prices("binanceusdm", PERP, START - HOUR, WIGGLY, market="linear"),
            prices("binance", SPOT, START - HOUR, WIGGLY),
            funding("binanceusdm", PERP, first, [1e-4] * count),
        )
        (lack,) = [one for one in gather(store, PAIR, Wanted()).lacks if one.kind == "funding"]
        assert lack.there.startswith(f"1 holes in its fixings, the first after {since}")


def test_prices_beside_rates_stand_in_for_bars(tmp_path: Path) -> None:
    store = stocked(tmp_path, funding("binanceusdm", PERP, START, [1e-4] * 6, mark_price_quote=WIGGLY[:6]))
    found = gather(store, Trade("naked_short", (SHORT,)), Wanted())
    bars = found.histories[0].bars
    assert (bars.mark_is, bars.step_hours, list(bars.trade)) == ("mark", 8, WIGGLY[:6])
    assert any("orders are assumed to fill at the mark price" in words for words in found.assumed)
    assert f"the prices of {SHORT.name}: no traded ones are held, and the mark price stands in" in [lack.told for lack in found.lacks]


def test_a_stand_in_is_told(tmp_path: Path) -> None:
    store = stocked(
        tmp_path,
        prices("binance", SPOT, START - HOUR, WIGGLY),
        funding("hyperliquid", "BTC/USDC:USDC", START, [1e-5] * 48, hours=1, native_id="BTC"),
    )
    leg = Leg("hyperliquid", "BTC/USDC:USDC", "short")
    with pytest.raises(NotEnoughData, match="--price-of hyperliquid:BTC/USDC:USDC=VENUE:SYMBOL"):
        gather(store, Trade("naked_short", (leg,)), Wanted())
    found = gather(store, Trade("naked_short", (leg,)), Wanted(price_of={leg.name: ("binance", SPOT, "spot")}))
    assert list(found.histories[0].bars.trade) == WIGGLY
    assert {f.price_error for f in found.histories[0].fixings} == {INF}
    assert any("binance BTC/USDT are assumed to be its own" in words for words in found.assumed)
    assert found.lacks[0].told == f"the prices of {leg.name}: those of binance BTC/USDT stand in"


def test_margins_are_dated_given_or_unknown(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    dated = gather(store, PAIR, Wanted()).histories[0]
    assert dated.requirement is not None
    given = gather(store, PAIR, Wanted(margins=Margins({SHORT.name: 0.02}))).histories[0]
    assert given.requirement is not None
    assert given.requirement.brackets.maintenance(100.0) == 2.0
    other = Leg("htx", PERP, "short", leverage=3)
    there = stocked(tmp_path / "other", prices("htx", PERP, START - HOUR, WIGGLY, market="linear"), funding("htx", PERP, START, [1e-4] * 6))
    unknown = gather(there, Trade("naked_short", (other,)), Wanted())
    assert unknown.histories[0].requirement is None
    assert "none of this venue is recorded" in unknown.histories[0].why_no_requirement
    assert any("--maintenance" in lack.do for lack in unknown.lacks)


def test_a_store_holds_no_quotes_of_swaps(tmp_path: Path) -> None:
    trade = Trade("perp_swap", (SHORT, Leg("boros", PERP, "long", swap=True)))
    with pytest.raises(InputError, match="a store holds no quotes of fixed rates"):
        gather(two_days(tmp_path), trade, Wanted())


def test_a_stated_rate_holds_for_coins_that_may_be_turned_into_a_loan(tmp_path: Path) -> None:
    histories = gather(two_days(tmp_path), PAIR, Wanted(margins=Margins(rates={"": 0.02}))).histories
    assert all(history.requirement is not None and history.requirement.brackets.maintenance(1000) == 20 for history in histories)


def test_what_is_not_there_says_what_to_import(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    with pytest.raises(NotEnoughData, match="the settled funding of binanceusdm:ETH/USDT:USDT"):
        gather(store, Trade("naked_short", (Leg("binanceusdm", "ETH/USDT:USDT", "short"),)), Wanted())
    with pytest.raises(NotEnoughData, match="the prices of binance ETH/USDT"):
        gather(store, Trade("naked_long", (Leg("binance", "ETH/USDT", "long"),)), Wanted())
    with pytest.raises(InputError, match="a window"):
        gather(store, PAIR, Wanted(START, START))


def test_fixings_before_the_window_inform_but_do_not_pay(tmp_path: Path) -> None:
    found = gather(two_days(tmp_path), PAIR, Wanted(start=START + 24 * HOUR))
    assert [f.at - START for f in found.histories[0].fixings] == [8 * k * HOUR for k in range(1, 7)]
    assert found.legs[0]["fixings"] == 3


def test_the_certificate_is_of_the_rows_used(tmp_path: Path) -> None:
    store = two_days(tmp_path)
    whole, part = gather(store, PAIR, Wanted()).certificate, gather(store, PAIR, Wanted(end=START + 24 * HOUR)).certificate
    assert {used.table for used in whole.used} == {"prices", "funding"}
    assert part.rows < whole.rows
    assert part.digest != whole.digest


def test_a_quanto_is_paid_in_a_coin_with_a_price(tmp_path: Path) -> None:
    quanto = Leg("bitmex", "ETH/USD:BTC", "short", multiplier=0.000001)
    rows = (
        prices("bitmex", "ETH/USD:BTC", START - HOUR, WIGGLY, market="quanto"),
        funding("bitmex", "ETH/USD:BTC", START, [1e-4] * 6, native_id="ETHUSD"),
    )
    trade = Trade("naked_short", (quanto,))
    with pytest.raises(NotEnoughData, match=r"the price of BTC, in which bitmex:ETH/USD:BTC settles"):
        gather(stocked(tmp_path / "alone", *rows), trade, Wanted())
    coins = [50_000.0 + k for k in range(49)]
    store = stocked(
        tmp_path / "both",
        *rows,
        prices("binance", "BTC/USD", START - HOUR, WIGGLY),
        prices("bitmex", "BTC/USD:BTC", START - HOUR, coins, market="inverse"),
    )
    found = gather(store, trade, Wanted())
    coin = found.histories[0].coin
    assert coin is not None
    assert list(coin.trade) == coins  # of its own venue, before any other
    assert any("the price of BTC is assumed to be that of bitmex BTC/USD:BTC" in words for words in found.assumed)


def test_a_symbol_of_two_lists_is_that_of_the_main_one(tmp_path: Path) -> None:
    table, bars = prices("hyperliquid", "AAPL/USDC:USDC", START - HOUR, WIGGLY, market="linear")
    listed = bars.with_columns(pl.lit("xyz").alias("market_list"), pl.lit("xyz:AAPL").alias("native_id"))
    dearer = bars.with_columns((pl.col("close_quote") + 1).alias("close_quote"))
    leg = Leg("hyperliquid", "AAPL/USDC:USDC", "long")
    rates = funding("hyperliquid", leg.symbol, START, [1e-5] * 48, hours=1, native_id="AAPL")
    both = stocked(tmp_path / "both", (table, listed), (table, dearer), rates)
    assert gather(both, Trade("naked_long", (leg,)), Wanted()).histories[0].bars.trade[0] == WIGGLY[0] + 1
    other = listed.with_columns(pl.lit("abc").alias("market_list"))
    with pytest.raises(InputError, match="several contracts bear it: abc xyz:AAPL, xyz xyz:AAPL"):
        gather(stocked(tmp_path / "lists", (table, listed), (table, other), rates), Trade("naked_long", (leg,)), Wanted())
