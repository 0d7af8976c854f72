"""Does every sentence follow from the numbers?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from perpscope.analysis.terms import Terms
from perpscope.reports.inputs import Audit, ReportInputs, SourceNote
from perpscope.reports.subject import Subject
from perpscope.reports.summary import summary
from tests.unit.analysis.frames import at, contract, regular


def told(inputs: ReportInputs) -> str:
    subject = Subject.of(inputs)
    assert subject
    return " ".join(summary(subject, inputs)).replace("\u202f", " ").replace("\u2019", "'").replace("\u2212", "-")


def market() -> ReportInputs:
    frames = [
        contract(regular(300, 8, 0.0002)),
        contract(regular(300, 8, -0.00012), venue="beta"),
        contract(regular(300, 8, 0.0001), venue="gamma"),
        contract(regular(100, 8, 0.009), venue="gone"),
    ]
    return ReportInputs(pl.concat(frames), now_ms=at(2405))


def test_what_is_held() -> None:
    assert "The store holds 1,000 published fixings of 4 contracts on 4 venues, from 5 January 2026 to 15 April 2026." in told(market())


def test_who_pays_most_among_current_contracts() -> None:
    text = told(market())
    assert (
        "Over the last 30 days longs paid most on alpha BTC/USDT, 21.90 % a year, and were paid most on beta BTC/USDT, 13.14 %; "
        "the median of 3 current contracts is 10.95 %." in text
    )
    assert "985" not in text, "the contract that ended long ago is no answer to who pays now"


def test_the_spread_of_a_coin() -> None:
    assert "On BTC the dearest and the cheapest of 3 contracts were on average 35.0 % a year apart." in told(market())


def test_atoms_by_rule_and_by_observation() -> None:
    ruled = replace(market(), terms=[Terms("alpha", 8, interest=0.0001), Terms("beta", 8, interest=-0.00012)])
    assert "of 4 contracts sat exactly on their interest term (for 2 read off the history where no rule is given)" in told(ruled)
    assert "70 % of the fixings" in told(ruled), "700 of 1,000: none of alpha, all of the others"
    assert "(read off the histories, no rule being given)" in told(market())


def test_audits_never_claim_more_than_was_compared() -> None:
    base = market()
    assert "No rate was recomputed for this report." in told(base)
    none = replace(base, audits=[Audit("alpha", "BTC/USDT:USDT", 300, 0, 0)])
    assert "None of the 300 audited fixings could be recomputed: their inputs are not at hand." in told(none)
    some = replace(base, audits=[Audit("alpha", "BTC/USDT:USDT", 300, 200, 190, 2e-7), Audit("beta", "BTC/USDT:USDT", 300, 10, 10, 1e-12)])
    assert (
        "Of 600 audited fixings, 210 could be recomputed by the venue's own rule and 200 matched and 10 did not "
        "(largest difference 2.0e-7 per interval); for 390 the inputs are not at hand." in told(some)
    )
    every = replace(base, audits=[Audit("alpha", "BTC/USDT:USDT", 300, 200, 200, 0.0)])
    assert "all of them matched" in told(every)


def test_doubts_are_told() -> None:
    assert "Mind 1 contract whose history ends before the others, shown as of its own last stamp." in told(market())
    gap = contract([*regular(100, 8), *regular(100, 8, start=850)])
    assert "Mind 1 gap in one history (2 days in all)." in told(ReportInputs(gap, now_ms=at(1700)))


def test_generated_data_is_the_first_thing_said() -> None:
    some = replace(market(), sources=[SourceNote("source-alpha", "x", synthetic=True)])
    assert told(some).startswith("SYNTHETIC: 1 of 4 contracts are generated")
    every = replace(market(), sources=[SourceNote(f"source-{venue}", "x", synthetic=True) for venue in ("alpha", "beta", "gamma", "gone")])
    assert told(every).startswith("SYNTHETIC: all 4 contracts shown are generated")
    assert "SYNTHETIC" not in told(market())
