"""Do the parts of a cost say what a fill costs, by hand computed, and is a hole never a number?"""

from __future__ import annotations

import pytest

from perpscope.errors import CatalogueError, InputError
from perpscope.market.book import Book
from perpscope.trading.costs.figure import Figure, first_known, summed
from perpscope.trading.costs.parts import (
    FlatFees,
    HalfSpread,
    LegCosts,
    Recordings,
    SquareRoot,
    TradeCosts,
    Walk,
    held,
    round_trip,
    stamp_doubt,
    turn,
)
from perpscope.trading.trade import Leg

BOOK = Book.of([(99, 10), (98, 10)], [(101, 10), (103, 10)])
DAY = 86_400_000
LEGS = (Leg("a", "BTC/USDT", "short", leverage=2), Leg("b", "BTC/USDT:USDT", "long", ratio=0.5))


def flat(maker: float, taker: float, half: float) -> LegCosts:
    return LegCosts(FlatFees(Figure.given(maker), Figure.given(taker)), HalfSpread(Figure.given(half)), borrow=Figure.given(0.05))


def test_a_walk_is_the_average_fill_against_the_mid() -> None:
    """1,010 fills at 101; 1,525 is 1,010 at 101 and 515 at 103: 15 coins, average 101.667."""
    walk = Walk(BOOK, "here")
    assert walk.at(0, "buy", 1010).value == pytest.approx(0.01, rel=1e-14)
    assert walk.at(0, "buy", 1525).value == pytest.approx(1525 / 15 / 100 - 1, rel=1e-13)
    assert walk.at(0, "sell", 990).value == pytest.approx(0.01, rel=1e-14)
    assert walk.at(0, "sell", 0).value == pytest.approx(0.01, rel=1e-14)
    thin = walk.at(0, "sell", 1971)
    assert (thin.known, thin.note.startswith("the recorded book holds 1,970 on the bid side, less than 1,971")) == (False, True)
    assert walk.capacity("buy") == 2040


def test_an_inverse_book_counts_quote_units() -> None:
    """Ten contracts of 100 quote units lie at 101: 1,000 of notional fill there; the next ten at 103."""
    walk = Walk(BOOK, "here", inverse=True, size=100)
    assert walk.at(0, "buy", 1000).value == pytest.approx(0.01, rel=1e-14)
    both = walk.at(0, "buy", 1500)
    assert both.value == pytest.approx(1500 / (1000 / 101 + 500 / 103) / 100 - 1, rel=1e-13)
    assert walk.capacity("sell") == pytest.approx(2000, rel=1e-14)
    assert not walk.at(0, "buy", 2001).known


def test_a_book_with_one_side_says_so() -> None:
    assert "one side of the recorded book is empty" in Walk(Book.of([(99, 1)], []), "here").at(0, "buy", 1).note


def test_of_another_time_a_recording_answers_with_its_mean_and_its_distance() -> None:
    wide = Book.of([(98, 100)], [(102, 100)])
    recorded = Recordings(((0, Walk(BOOK, "r")), (60_000, Walk(wide, "r"))))
    assert recorded.at(60_000, "buy", 500).value == pytest.approx(0.02, rel=1e-14)
    mean = recorded.at(2 * DAY, "buy", 500)
    assert mean.value == pytest.approx(0.015, rel=1e-14)
    assert mean.span is not None
    assert list(mean.span) == pytest.approx([0.01, 0.02], rel=1e-14)
    assert mean.note == "recorded 2.0 days away, mean of 2 looks"
    assert not recorded.at(2 * DAY, "buy", 5000).known


def test_the_square_root_law_by_hand() -> None:
    """Half of 1 bp, and 0.04 x 1 x sqrt(1/10,000) = 4 bp."""
    law = SquareRoot(Figure.given(0.0001), Figure.assumed(1.0, "usual"), Figure(0.04, "measured"), Figure(1e10, "measured"))
    figure = law.at(0, "buy", 1e6)
    assert figure.value == pytest.approx(0.0005, rel=1e-14)
    assert figure.status == "assumed"
    hole = SquareRoot(Figure.given(0.0001), Figure.assumed(1.0, "usual"), Figure.unknown("no bars"), Figure(1e10, "measured"))
    assert hole.at(0, "buy", 1e6).note == "volatility: no bars"


@pytest.mark.parametrize("wrong", [{"half": -0.0001}, {"coefficient": -1}, {"volatility": -0.04}, {"volume": 0}, {"volume": -5}])
def test_no_law_by_which_larger_orders_fill_better(wrong: dict[str, float]) -> None:
    numbers = {"half": 0.0001, "coefficient": 1, "volatility": 0.04, "volume": 1e9} | wrong
    with pytest.raises(InputError, match="square-root law"):
        SquareRoot(**{name: Figure.given(value) for name, value in numbers.items()})


def test_a_round_trip_by_hand() -> None:
    """Leg a: 2 x (5 + 1) bp of the whole; leg b: 2 x (3 + 2) bp of a half."""
    costs = TradeCosts((flat(0.0002, 0.0005, 0.0001), flat(0.0001, 0.0003, 0.0002)))
    parts = round_trip(costs, LEGS, 1000, 0)
    assert summed(parts).value == pytest.approx(0.0012 + 0.0005, rel=1e-12)
    assert list(parts)[:2] == ["fee a:BTC/USDT in", "impact a:BTC/USDT in"]
    assert {name: figure.value for name, figure in held(costs, LEGS).items()} == {"borrow a:BTC/USDT": 0.05}


def test_a_leg_walks_its_own_share_of_the_notional() -> None:
    """Three halves of 1,010 on the ask side: 1,515 is 1,010 at 101 and 505 at 103; the figure is a share of the trade's notional."""
    leg = Leg("a", "BTC/USDT:USDT", "long", ratio=1.5)
    costs = TradeCosts((LegCosts(FlatFees(Figure.given(0), Figure.given(0)), Walk(BOOK, "r")),))
    found = turn(costs, [leg], 1010, 0, opening=True)["impact a:BTC/USDT:USDT in"]
    assert found.value == pytest.approx(1.5 * (1515 / (10 + 505 / 103) / 100 - 1), rel=1e-12)


def test_a_maker_pays_his_fee_and_crosses_nothing() -> None:
    costs = TradeCosts((flat(-0.0001, 0.0005, 0.0001),))
    leg = Leg("a", "BTC/USDT:USDT", "short", liquidity="maker")
    assert [figure.value for figure in turn(costs, [leg], 1000, 0, opening=True).values()] == [-0.0001, 0]


def test_selling_hits_bids_and_buying_takes_asks_on_either_end() -> None:
    book = Book.of([(99, 100)], [(105, 100)])
    skewed = Walk(Book(((99.0, 100.0),), ((105.0, 50.0), (120.0, 100.0))), "r")
    costs = TradeCosts((LegCosts(FlatFees(Figure.given(0), Figure.given(0)), skewed),))
    for side, first, last in (("long", "ask", "bid"), ("short", "bid", "ask")):
        leg = [Leg("a", "BTC/USDT:USDT", side)]  # type: ignore[arg-type]  # one of two words
        ends = [
            turn(costs, leg, 8000, 0, opening=opening)[f"impact a:BTC/USDT:USDT {when}"].value
            for opening, when in ((True, "in"), (False, "out"))
        ]
        bought = 8000 / (50 + 2750 / 120) / 102 - 1
        assert ends == [pytest.approx(bought if end == "ask" else 3 / 102, rel=1e-12) for end in (first, last)]
    assert book.mid == 102


def test_costs_of_another_number_of_legs_are_refused() -> None:
    with pytest.raises(InputError, match="1 sets of costs for 2 legs"):
        round_trip(TradeCosts((flat(0, 0, 0),)), LEGS, 1, 0)


def test_a_fill_near_a_stamp_may_or_may_not_be_charged() -> None:
    own = LegCosts(FlatFees(Figure.given(0), Figure.given(0)), HalfSpread(Figure.given(0)), tolerance=Figure(15, "stated", "rule"))
    doubts = [stamp_doubt(own, fill, 0, -0.0001, 1_000_000).value for fill in (-15_000, 0, 15_000, 15_001)]
    assert doubts == [100, 100, 100, 0]
    unknown = stamp_doubt(flat(0, 0, 0), 0, 0, 0.0001, 1)
    assert not unknown.known


def test_figures_add_up_to_the_least_sure_and_to_a_span() -> None:
    whole = summed({"a": Figure(2, "verified", "x", span=(1, 3)), "b": Figure(5, "measured", "y")})
    assert (whole.value, whole.status, whole.span, whole.source) == (7, "measured", (6, 8), "a: x; b: y")
    hole = summed({"a": Figure.given(2), "b": Figure.unknown("no fee"), "c": Figure.unknown("no rate")})
    assert (hole.value, hole.note) == (None, "b: no fee; c: no rate")
    assert summed({}).value == 0


def test_a_figure_times_something_keeps_its_span_in_order() -> None:
    assert Figure(2, "given", span=(1, 3)).times(-2).span == (-6, -2)
    assert Figure.unknown("why").times(3) == Figure.unknown("why")


def test_the_first_known_figure_answers() -> None:
    assert first_known(Figure.unknown("a"), Figure.given(1), Figure.given(2)).value == 1
    assert first_known(Figure.unknown("a"), Figure.unknown("b")).note == "a; b"


@pytest.mark.parametrize(
    "made",
    [
        lambda: Figure(1, "unknown", "", "why"),
        lambda: Figure(None, "given", "", "why"),
        lambda: Figure(None, "unknown"),
        lambda: Figure(float("nan"), "given"),
        lambda: Figure(1, "sure"),  # type: ignore[arg-type]  # a word nobody defined
        lambda: Figure(1, "given", span=(2, 3)),
    ],
)
def test_a_figure_that_is_none_cannot_be_made(made: object) -> None:
    with pytest.raises(InputError):
        made()  # type: ignore[operator]  # one of the lines above


def test_needing_an_unknown_says_what_and_what_to_do() -> None:
    with pytest.raises(CatalogueError, match=r"the fee: none is on record\. Give it in a cost file, or do without --strict"):
        Figure.unknown("none is on record").needed("the fee")
