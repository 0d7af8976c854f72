"""What does the interest term pay to whoever is short, and who is?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.claims.case import Absent
from perpscope.claims.insiders import AT_INTEREST, INTEREST
from perpscope.claims.positions import LINEAR, leg
from perpscope.claims.sweep import sweep
from perpscope.market.number import to_float
from perpscope.market.time import day_ms, to_text

if TYPE_CHECKING:
    from perpscope.claims.case import Case
    from perpscope.claims.model import Reproduction, Verdict

EPOCH = (day_ms("2019-09-11"), day_ms("2022-07-01"))


def a17(case: Case) -> Reproduction:
    """Pay a balanced market by every rule on record, through the ledger, and look for who is short.

    Source: article A, the closing remarks on the interest term; the rules of the catalogue.
    """
    swept = sweep((Fraction(0),)).ruled
    paying = [each for each in swept if each.daily[0] > 0]
    charged = next((each.daily[0] for each in swept if each.dated.venue == "binanceusdm"), Fraction(3, 10_000)) / 3
    price = Fraction(20_000)
    long, short = (leg(LINEAR, Fraction(side), (price, price), charged, price) for side in (1, -1))
    hedged = sum(
        sum(leg(LINEAR, Fraction(-1), (price, price * move), charged, price)) + price * (move - 1)
        for move in (Fraction(9, 10), 1, Fraction(11, 10))
    )
    found = {
        "rules": float(len(swept)),
        "rules_paying": float(len(paying)),
        "rate_at_no_premium": to_float(charged),
        "rate_a_year": to_float(charged * 3 * 365),
        "long_pays": to_float(-long.funding / price),
        "maker_collects": to_float(Fraction(hedged) / 3 / price),
        "sum": to_float(long.funding + short.funding),
    }
    part = _interest_part(case)
    said = [case.say("why", **found)]
    window, n = None, len(swept)
    if part is not None:
        found |= {"share_at_interest": part[0], "part_of_all": part[1]}
        n, window = part[2], part[3]
        said.append(case.say("data", n=n, start=to_text(window[0])[:10], end=to_text(window[1])[:10], **found))
    said.append(case.say("short"))
    right = long.funding < 0 and found["sum"] == 0 and found["maker_collects"] > 0
    verdict: Verdict = "holds with changes" if right and paying else "fails"
    return case.answer(verdict, found, why=said, n=n, window=window)


def _interest_part(case: Case) -> tuple[float, float, int, tuple[int, int]] | None:
    """Share of one contract's settlements exactly at the interest term, their part of all that longs paid, n, first and last stamp."""
    import numpy as np

    if not case.has_funding("binanceusdm", LINEAR):
        return None
    try:
        rows = case.funding("binanceusdm", LINEAR, start=EPOCH[0], end=EPOCH[1])
    except Absent:
        return None
    rates = rows["funding_rate"].to_numpy()
    at = np.abs(rates - INTEREST) <= AT_INTEREST
    total = float(rates[rates > 0].sum())
    stamps = (int(rows["slot"].item(0)), int(rows["slot"].item(-1)))
    return None if total == 0 else (float(at.mean()), float(rates[at].sum()) / total, len(rates), stamps)
