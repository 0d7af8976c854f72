"""Do rule, charge and payment together come out at the figures of the protocols' own tests and pages, to the last digit?

Everything runs on fractions: a difference is a difference. The figures are those of the venues' documents and unit tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

import pytest

from perpscope.catalogue.load import load_venue
from perpscope.market.contract import Contract
from perpscope.market.number import Number
from perpscope.mechanisms.accrual import index_move
from perpscope.mechanisms.consensus import weighted_median
from perpscope.mechanisms.funding_swap import floating, time_fee, upfront
from perpscope.mechanisms.rule import Fixing, Rule
from perpscope.mechanisms.settle import charge, payment
from perpscope.mechanisms.sharing import shared_out
from perpscope.mechanisms.window import Window

F = Fraction
HOUR = 3_600_000
DAY = 24 * HOUR
USD = Contract("linear", "USD")


def rule(rule_id: str, **numbers: str) -> Rule:
    """Build one rule of the catalogue in fractions; names are of its contract, `part__name` of its parts."""
    venue = next(v for v in map(load_venue, HERE) if rule_id in {r.id for r in v.rules})
    given = {name.replace("__", "."): F(text) for name, text in numbers.items()}
    dated = next(r for r in venue.rules if r.id == rule_id)
    sampled = not dated.parts["observe"]["kind"].known if "kind" in dated.parts["observe"] else False
    return dated.build(given, sampled=sampled, exact=True)


HERE = (
    "synthetix_v2", "synthetix_v3_base", "gmx1", "gmx2", "derive", "paradex", "injective", "aevo", "bullish", "orderly", "boros", "mcdex",
    "bitcom", "shiller", "design_outside", "design_dated",
)  # fmt: skip


def window(length: Number, start: int = 0, level: Number | None = None, **rows: Sequence[Number]) -> Window:
    """Cut a window of `length` ms with rows seen at its start, or evenly over it."""
    count = max(map(len, rows.values()))
    at = [F(start) + F(length) * k / count for k in range(count)]
    return Window(start, start + int(length), {"at": at, **rows}, F(length) / HOUR, level=level)


class TestVelocity:
    SKEWS = (20, -40, -25, 12, -5, 150, 0, -15, -19)
    DAYS = ("1", "1", "0.25", "2", "0.2", "0.1", "0.1", "0.03", "3")
    RATES = ("0.006", "-0.006", "-0.007875", "-0.000675", "-0.000975", "0.003525", "0.003525", "0.00339", "-0.01371")
    OWED = ("120", "120", "50.625", "-291.375", "-297.975", "-292.875", "-278.775", "-274.626", "-893.826")

    def test_a_table_of_ten_trades(self) -> None:
        """What a trader with 20 units at 2,000 owes after each of them, and the rate then."""
        law, now, owed = rule("synthetix-v3", skew_scale="10000", max_velocity="3"), 0, F(0)
        before: Fixing | None = None
        for skew, days, rate, total in zip(self.SKEWS, self.DAYS, self.RATES, self.OWED, strict=True):
            length = F(days) * DAY
            before = law.fix(window(length, start=now, skew_base=[F(skew)]), before)
            now += int(length)
            owed -= F(payment(charge(before.value, law.settle, USD, F(2000)), 20, law.settle))
            assert before.tally is not None
            assert (before.tally.carry, owed) == (F(rate), F(total))

    @pytest.mark.parametrize(("scale", "velocity"), [("400", "0.003"), ("11", "0.1"), ("12", "0.1")])
    def test_the_velocity_is_held_at_its_largest(self, scale: str, velocity: str) -> None:
        fixing = rule("synthetix-v2", skew_scale=scale, max_velocity="0.1").fix(window(DAY, skew_base=[F(12)]))
        assert fixing.tally is not None
        assert fixing.tally.carry == F(velocity)

    @pytest.mark.parametrize("version", ["synthetix-v2", "synthetix-v3"])
    def test_the_example_in_the_source(self, version: str) -> None:
        fixing = rule(version, skew_scale="1", max_velocity="0.0025").fix(window(29_000_000, skew_base=[F(1)]))
        assert fixing.tally is not None
        assert round(fixing.tally.carry, 8) == F("0.00083912")

    def test_its_own_inputs_give_another_velocity(self) -> None:
        """2.5 % x 300 / 10,000 is 0.00075, not the 0.0025 the comment goes on with."""
        fixing = rule("synthetix-v3", skew_scale="10000", max_velocity="0.025").fix(window(DAY, skew_base=[F(300)]))
        assert fixing.tally is not None
        assert fixing.tally.carry == F("0.00075")


class TestPools:
    def test_a_borrow_fee_is_cut_to_millionths_and_paid_by_both_sides(self) -> None:
        law = rule("gmx1", factor="600")
        fixing = law.fix(window(8 * HOUR, reserved=[F(100_000)], pool=[F(257_046)]))
        assert fixing.value * 10**6 == 233
        owed = charge(fixing.value, law.settle, USD)
        assert [payment(owed, side * 40, law.settle) for side in (1, -1)] == [F("-0.00932")] * 2
        assert int(F("0.00932") / 47_100 * 10**8) == 19  # satoshis the test books at 47,100

    def test_static_funding_pays_8064_and_gives_back_less(self) -> None:
        law = rule("gmx2-static", factor="0.0000000001", max_factor="1", collateral_grains="1000000")
        longs, shorts = F(200_000), F(100_000)
        fixing = law.fix(window(1_209_600_000, long_open=[longs], short_open=[shorts]))
        owed = charge(fixing.value, law.settle, USD, long_open=longs, short_open=shorts)
        assert payment(owed, longs, law.settle) == F("-8.064")
        assert payment(owed, -shorts, law.settle) == F("8.063999")
        pots = [shared_out([owed.long * longs / 2], [shorts], 10**6) for _ in range(2)]  # long and short token are the same
        assert (sum(p.paid[0] for p in pots), sum(p.received[0] for p in pots)) == (F("8.064"), F("8.063998"))

    GROWTH: ClassVar[dict[str, str]] = {
        "increase": "0.000001",
        "decrease": "0.00000002",
        "threshold_stable": "0.05",
        "threshold_decrease": "0.03",
    }

    def adaptive(self, longs: int, shorts: int, saved: str = "0") -> Fixing:
        law = rule("gmx2-adaptive", **self.GROWTH, min_factor="0", max_factor="1", collateral_grains="1000000")
        return law.fix(window(600_000, long_open=[F(longs)], short_open=[F(shorts)]), F(saved))

    @pytest.mark.parametrize(
        ("longs", "shorts", "saved", "factor"),
        [
            (106_000, 94_000, "0", "0.000036"),
            (104_000, 96_001, "0.0000726378884321", "0.0000726378884321"),
            (102_000, 98_001, "0.000072618803095782552410311774", "0.000060618803095782552410311774"),
        ],
    )
    def test_adaptive_funding(self, longs: int, shorts: int, saved: str, factor: str) -> None:
        assert self.adaptive(longs, shorts, saved).terms.premium == F(factor)

    PRINTED = (
        "0.000060475449363249909351161042",
        "0.000024451790944216678086726159",
        "-0.000011500529296732609336067894",
        "-0.000047533010594450302147780558",
    )

    def test_a_turn_misses_the_printed_figures_which_are_of_several_runs(self) -> None:
        """By 2.1e-8 of 2.4e-5; the test that prints them allows itself 1e-7.

        Open interest stands still over its three printed steps of ten minutes, so that each must be the same imbalance for a
        whole number of seconds. They are not: between 600 s and 601 s, between 599 s and 600 s, and again between 600 s and 601 s.
        """
        fixing = self.adaptive(94_000, 106_001, self.PRINTED[0])
        assert F("2.08e-8") < fixing.terms.premium - F(self.PRINTED[1]) < F("2.09e-8")
        a_second = F(106_001 - 94_000, 200_001) / 10**6
        took = [(F(a) - F(b)) / a_second for a, b in zip(self.PRINTED, self.PRINTED[1:], strict=False)]
        assert [round(float(seconds), 2) for seconds in took] == [600.35, 599.16, 600.49]

    def test_where_the_smaller_side_pays_it_pays_as_much_as_the_larger_would(self) -> None:
        law = rule("gmx2-adaptive", **self.GROWTH, min_factor="0", max_factor="1", collateral_grains="1000000")
        fixing = self.adaptive(94_000, 106_001, self.PRINTED[0])
        owed = charge(fixing.value, law.settle, USD, long_open=F(94_000), short_open=F(106_001))
        assert owed.long * 94_000 == fixing.value * 106_001 == -owed.short * 106_001


class TestPremiums:
    @pytest.mark.parametrize(("off", "rate"), [(200, "0.0075"), (-200, "-0.0075")])
    def test_an_impact_premium_held_to_its_limit(self, off: int, rate: str) -> None:
        law = rule("derive", convergence_hours="8", static_rate="0", max_rate="0.0075")
        impact = F(1500 + off)
        fixing = law.fix(window(HOUR, impact_bid=[impact], impact_ask=[impact], index=[F(1500)]))
        assert fixing.rate == F(rate)
        assert payment(charge(fixing.value, law.settle, USD, F(1500)), 1, law.settle) == -F(rate) * 1500

    @pytest.mark.parametrize("reading", ["paradex-weighted", "paradex-medians"])
    def test_a_minute_of_a_smoothed_rate(self, reading: str) -> None:
        """Memory fades by powers of two, in doubles: read to fifteen digits, the figures are those of the document."""
        law = rule(reading, multiplier="1", max_rate="0.02")
        agreed = weighted_median([F("0.0008"), F("0.0004"), F("0.0009")], [F("3.5"), F("1.2"), F("1.2")])
        fixing = law.fix(window(60_000, premium=[agreed]))
        assert round(F(fixing.terms.premium), 18) == F("0.0003")
        per_period = round(F(fixing.terms.premium), 18) * 60_000 / 1
        assert per_period == 18
        moved = index_move([k * 1000 for k in range(60)], [per_period] * 60, 60_000, period_hours=8, longest_gap_s=30)
        assert moved == F("0.0375")
        owed = charge(round(F(fixing.value), 21), law.settle, USD, F(60_000))
        assert payment(owed, F("0.5"), law.settle) == -moved / 2 == F("-0.01875")

    def test_executions_over_the_mark(self) -> None:
        law = rule("injective")
        fixing = law.fix(window(HOUR, execution=[F(2040)], mark=[F(2000)]))
        assert round(fixing.terms.added, 14) == F("0.00083749999333")
        assert fixing.rate == F("0.000625")
        assert payment(charge(fixing.value, law.settle, USD, F(2000)), 2, law.settle) == F("-2.5")

    def test_linear_weights_and_an_eighth(self) -> None:
        law = rule("aevo-2", cap="0.03")
        fixing = law.fix(Window(0, HOUR, {"premium_index": [F("0.0020")]}))
        assert fixing.rate == F("0.0001875")

    def test_a_dead_zone_on_every_minute(self) -> None:
        law = rule("bullish")
        minutes = [law.fix(window(HOUR, mark=[10_000 + F(bp)], index=[F(10_000)])).rate * 10_000 for bp in (1, 4, -10, 99)]
        assert minutes == [0, F("0.25"), F("-0.625"), F("0.625")]

    @pytest.mark.parametrize(("average", "bent"), [("0.004", "0.004"), ("0.010", "0.015"), ("0.020", "0.045")])
    def test_a_bent_premium(self, average: str, bent: str) -> None:
        law = rule("orderly", cap="1", formula__damper="0.0005")
        terms = law.fix(Window(0, 8 * HOUR, {"premium_index": [F(average)]})).terms
        assert (terms.bent, terms.rounded) == (F(bent), F(bent) - F("0.0005"))


class TestDampers:
    def test_a_minute_in_coins(self) -> None:
        law = rule("mcdex")
        minute, eight = (law.fix(window(length, mark=[F("100.1")], index=[F(100)])) for length in (60_000, 8 * HOUR))
        assert (minute.terms.premium, minute.terms.clamped) == (F("0.001"), F("0.0005"))
        coins = Contract("inverse", "ETH", 100)  # one ETH at 100 USD, the index of the example
        paid = [-payment(charge(fixing.value, law.settle, coins, F(100)), 1, law.settle) for fixing in (minute, eight)]
        assert [round(paid[0], 12), paid[1]] == [F("0.000001041667"), F("0.0005")]

    @pytest.mark.parametrize("law", ["mcdex", "bitcom"])
    def test_the_damper_is_the_pull_to_nothing(self, law: str) -> None:
        d = F("0.0005")
        for bp in (-30, -5, -3, 0, 3, 5, 10, 30):
            premium = F(bp, 10_000)
            assert rule(law).fix(Window(0, 8 * HOUR, {"premium_index": [premium]})).rate == max(d, premium) + min(-d, premium)


class TestOtherPerpetuals:
    def test_a_swap_on_funding(self) -> None:
        law = rule("boros")
        fixing = law.fix(window(8 * HOUR, rate_given=[F("0.0001")]))
        owed = charge(fixing.value, law.settle, USD)
        received = [payment(owed, quantity, law.settle) for quantity in (100, -100)]
        assert received == [F("0.01"), F("-0.01")] == [floating(quantity, F("0.0001"), 10**18) for quantity in (100, -100)]
        assert round(upfront(100, F("0.08"), 7_776_000), 12) == F("1.972602739726")
        assert round(time_fee(50, F("0.002"), 8 * 3600), 7) == F("0.0000913")

    def test_a_dividend_one_way_and_interest_the_other(self) -> None:
        law = rule("shiller-1993", interest="0.0001")
        fixing = law.fix(window(DAY, level=F(100), rate_given=[F("0.02")]))
        carried = payment(charge(fixing.value, law.settle, USD), 1, law.settle)
        assert USD.profit(1, F(100), F(101)) + carried == F("1.01")
        assert USD.profit(-1, F(100), F(101)) + payment(charge(fixing.value, law.settle, USD), -1, law.settle) == F("-1.01")

    def test_a_carry_set_outside(self) -> None:
        law = rule("design-outside")
        fixing = law.fix(window(DAY, rate_given=[F("0.0002"), F("0.0003")]))
        assert payment(charge(fixing.value, law.settle, USD, F(50)), 2, law.settle) == F("-0.03")

    def test_delivery_at_the_average_of_the_last_half_hour(self) -> None:
        """The long pays the final price for a unit: with the price at which it bought, that is the whole of its gain."""
        law = rule("design-dated")
        index = [F(60_000), F(60_600), F(60_000), F(60_300)]
        fixing = law.fix(window(HOUR // 2, index=index))
        assert fixing.value == F(60_225)
        assert law.settle.flow == "delivery"
        owed = charge(fixing.value, law.settle, USD)
        assert (payment(owed, 1, law.settle), payment(owed, -1, law.settle)) == (F(-60_225), F(60_225))
