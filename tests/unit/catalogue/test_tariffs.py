"""Does the row answer whose dates hold, else the nearest with its gap, and are doubts, ranges and contradictions told?"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from perpscope.catalogue.tariff_file import read_costs
from perpscope.catalogue.tariff_row import CostRow, When, Whom
from perpscope.catalogue.tariff_time import FoundCost, at_moment
from perpscope.catalogue.tariffs import Asked, find_cost, load_tariff, tariff_ids, tariff_venue, tiers_of
from perpscope.errors import InputError
from perpscope.market.time import day_ms

PERP = ("binanceusdm", "BTC/USDT:USDT", "linear")
SPOT = ("binance", "BTC/USDT", "spot")
INVERSE = ("bitmex", "BTC/USD:BTC", "inverse")


def asked(who: tuple[str, str, str], tier: str = "base") -> Asked:
    return Asked(*who, tier)


def fee(who: tuple[str, str, str], day: str, tier: str = "base", name: str = "taker") -> FoundCost:
    found = find_cost("fee", name, asked(who, tier), day_ms(day))
    assert found is not None
    return found


def row(value: str, source: str = "s", **when: Any) -> CostRow:  # noqa: ANN401 - a field of When
    number = Fraction(value)
    return CostRow("fee", Whom("v"), When(**when), "base", "base", "stated", source, numbers={"taker": (number, number)})


def day(text: str) -> tuple[int, int]:
    return day_ms(text), day_ms(text) + 86_400_000


def test_the_row_in_force_answers_to_the_minute() -> None:
    before, after = (find_cost("fee", "taker", asked(SPOT, "VIP4"), day_ms(f"2022-06-01T0{hour}:00Z")) for hour in (7, 8))
    assert before is not None
    assert after is not None
    assert (before.value, after.value) == (Fraction("0.0009"), Fraction("0.0004"))
    assert (before.relation, after.relation) == ("in force", "in force")
    assert before.doubts == ("since when it held is not on record",)


def test_the_nearest_sighting_answers_with_its_gap_and_what_the_other_side_says() -> None:
    found = fee(PERP, "2024-06-01")
    assert (found.value, found.relation, found.gap_days) == (Fraction("0.0005"), "nearest", 379)
    assert found.span == (Fraction("0.0004"), Fraction("0.0005"))
    assert "2022-04-20 to 2023-02-09 says 0.04 %" in found.doubts[1]


def test_an_ended_table_does_not_answer_where_a_sighting_does() -> None:
    """The flat fee was replaced on 2024-03-11; a sighting two years later is nearer to the truth than what is known to have ended."""
    found = fee(("hyperliquid", "BTC/USDC:USDC", "linear"), "2024-08-09")
    assert (found.value, found.gap_days) == (Fraction("0.00045"), 743)
    assert found.span == (Fraction("0.00025"), Fraction("0.00045"))


def test_a_row_without_dates_is_a_scenario() -> None:
    found = fee(PERP, "2022-09-01", "VIP9")
    assert (found.value, found.relation, found.gap_days) == (Fraction("0.00017"), "undated", None)
    assert "a scenario, not history" in found.doubts[0]


def test_a_table_without_an_end_gives_way_to_what_was_seen_since_and_is_still_told() -> None:
    during, after = fee(INVERSE, "2024-06-01"), fee(INVERSE, "2025-06-01")
    assert (during.value, during.relation) == (Fraction("0.00075"), "in force")
    assert during.doubts == ("until when it held is not on record; another is known of 2024-11-24",)
    assert (after.value, after.relation, after.gap_days) == (Fraction("0.0005"), "nearest", 189)
    assert "the row from 2023-01-17 says 0.075 %" in after.doubts[1]


@pytest.mark.parametrize("when", ["2024-02-08", "2025-02-08"])
def test_contradicting_rows_are_both_told_on_the_day_and_ever_after(when: str) -> None:
    found = fee(("htx", "BTC/USDT:USDT", "linear"), when)
    assert (found.value, found.relation) == (Fraction("0.0005"), "in force")
    assert found.span == (Fraction("0.0004"), Fraction("0.0005"))
    assert any("says 0.04 %" in doubt for doubt in found.doubts)
    assert not any("says 0.04 %" in doubt for doubt in fee(("htx", "BTC/USDT:USDT", "linear"), "2023-02-08").doubts)


def test_a_number_the_nearer_table_leaves_open_is_looked_for_further_away() -> None:
    found = fee(("gate", "BTC/USDT:USDT", "linear"), "2026-05-01", name="maker")
    assert (found.value, found.relation) == (Fraction("0.00015"), "nearest")
    assert "the row from 2026-04-09 does not give it" in found.doubts


def test_a_contract_named_by_itself_wins_over_all_of_its_kind() -> None:
    most, one = (
        find_cost("liquidation", "fee", Asked("binanceusdm", f"{coin}/USDT:USDT", "linear"), day_ms("2021-07-22"))
        for coin in ("SOL", "BTC")
    )
    assert most is not None
    assert one is not None
    assert (most.value, one.value) == (Fraction("0.0075"), Fraction("0.012"))
    excepted = fee(("bitmex", "BTC/EUR:BTC", "inverse"), "2021-08-01")
    assert (excepted.value, excepted.relation) == (0, "nearest")  # the table of all others is in force that day


def test_of_a_range_the_dearer_end_is_the_value() -> None:
    found = find_cost("transfer", "fee", Asked("binance", words={"asset": "USDT", "network": "ERC20", "way": "withdrawal"}), 0)
    assert found is not None
    assert (found.value, found.span) == (25, (3, 25))


def test_the_user_s_rows_answer_alone_and_at_all_times() -> None:
    mine = read_costs('[[fee]]\ntaker_bp = 2\n[[fee]]\nvenue = "Binance USD-M"\ntaker_bp = 1\n[[fee]]\ntaker_bp = 3\nto = "2020-01-01"')
    named, other, early = (
        find_cost("fee", "taker", asked(who), day_ms(when), mine)
        for who, when in ((PERP, "2022-09-01"), (INVERSE, "2022-09-01"), (INVERSE, "2019-06-01"))
    )
    values = [None if found is None else (found.value * 10_000, found.relation) for found in (named, other, early)]
    assert values == [(1, "in force"), (2, "in force"), (3, "in force")]
    maker = find_cost("fee", "maker", asked(PERP), day_ms("2022-09-01"), mine)
    assert maker is not None
    assert not maker.row.users  # what the user leaves out is the catalogue's


def test_tiers_have_names_and_the_lowest_has_several() -> None:
    assert fee(PERP, "2022-09-01", "VIP0").value == fee(PERP, "2022-09-01").value
    assert fee(PERP, "2022-09-01", " vip3 ").value == Fraction("0.00032")
    assert find_cost("fee", "taker", asked(PERP, "VIP77"), 0) is None
    assert {"base", "VIP9", "LP1"} <= set(tiers_of(asked(PERP)))


def test_nothing_on_record_is_nothing_found() -> None:
    assert find_cost("fee", "taker", Asked("nowhere", "BTC/USDT", "spot"), 0) is None
    assert find_cost("borrow", "rate", Asked("binance", words={"asset": "DOGE"}), 0) is None
    assert load_tariff("nowhere").rows == ()


def test_a_simulated_venue_charges_as_the_real_one() -> None:
    assert fee(("sim:binanceusdm", *PERP[1:]), "2022-09-01").value == Fraction("0.0004")


def test_venues_of_the_costs_have_names() -> None:
    assert [tariff_venue(name) for name in ("Kraken", "binance margin", "OKEx", "bybit-linear")] == ["kraken", "binance", "okx", "bybit"]
    with pytest.raises(InputError):
        tariff_venue("nowhere")


def test_every_row_has_a_source_a_status_and_dates_in_order() -> None:
    for venue in tariff_ids():
        tariff = load_tariff(venue)
        assert tariff.venue == venue
        assert tariff.rows
        for each in tariff.rows:
            assert each.source
            assert each.status in {"verified", "stated", "inferred"}
            assert each.whom.venue == venue
            assert each.kind == "remark" or each.numbers or each.ladders or each.holes
            when = each.when
            assert when.since is None or when.until is None or when.since < when.until


def test_nearest_ties_take_the_dearer_and_agreement_is_said() -> None:
    rows = [row("0.01", seen=(day("2024-01-01"),)), row("0.03", "t", seen=(day("2024-01-03"),))]
    found = at_moment(rows, "taker", day_ms("2024-01-02T12:00Z"))
    assert (found.value, found.gap_days, found.span) == (Fraction("0.03"), 1, (Fraction("0.01"), Fraction("0.03")))
    same = [row("0.01", seen=(day("2024-01-01"),)), row("0.01", "t", seen=(day("2024-03-01"),))]
    told = at_moment(same, "taker", day_ms("2024-01-10")).doubts
    assert told == (
        "stated 9 days away from the moment asked for",
        "the row seen 2024-03-01, 51 days away on the other side, says the same",
    )


def test_a_sighting_is_cut_by_the_end_of_its_row() -> None:
    """Seen some day of 2022, ended in November 2022: it did not hold in December."""
    found = at_moment(
        [row("0.01", until=day_ms("2022-11-01"), seen=((day_ms("2022-01-01"), day_ms("2023-01-01")),))], "taker", day_ms("2022-12-01")
    )
    assert (found.relation, found.gap_days) == ("nearest", 31)
