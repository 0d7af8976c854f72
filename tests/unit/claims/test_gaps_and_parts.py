"""Do the claims on delivery, clamps and parts of a carry follow the data, and say so where it is short?"""

from __future__ import annotations

import numpy as np
import pytest

from perpscope.claims.remedies import SAME_FROM, SAME_UNTIL
from perpscope.market.time import day_ms
from tests.unit.claims.held import Held, funding, held, tried

DAYS = (SAME_UNTIL - SAME_FROM) // 86_400_000


def _venues(clamped: float, plain: float, *extra: object) -> Held:
    """A year and a half of two venues, and a month of published premiums far above the clamp."""
    rng = np.random.default_rng(2)
    wiggle = rng.standard_normal(3 * DAYS) * 1e-6
    premium = [0.001] * 720
    rate = [(0.001 - 0.0005) / 8] * 720
    return held(
        funding("binanceusdm", "BTC/USDT:USDT", SAME_FROM, clamped / 1095 + wiggle),
        funding("okx", "BTC/USDT:USDT", SAME_FROM, plain / 1095 - wiggle),
        funding("hyperliquid", "BTC/USDC:USDC", day_ms("2024-03-01"), rate, hours=1.0, native_id="BTC", premium_frac=premium),
        *extra,  # type: ignore[arg-type]  # frames, as `funding` gives them
    )


@pytest.mark.parametrize(("clamped", "plain", "verdict"), [(0.11, 0.10, "fails"), (0.40, 0.05, "holds")])
def test_the_clamp_is_blamed_only_where_it_makes_the_gap(clamped: float, plain: float, verdict: str) -> None:
    found = tried("C07", _venues(clamped, plain))
    assert found.verdict == verdict
    assert found.found["clamp_adds"] == pytest.approx(clamped - plain, abs=1e-3)
    assert found.found["clamped_2024"] == pytest.approx((0.001 - 0.0005) / 8 * 8760)
    assert found.found["plain_2024"] == pytest.approx(0.001 / 8 * 8760)
    assert "clamped_2025" not in found.found
    assert "CoinFLEX" in found.why.en


@pytest.mark.parametrize("earlier", [4 * 365, 98])
def test_the_missing_venue_is_not_held_against_other_days(earlier: int) -> None:
    own = funding("coinflex", "BTC/USD:USD", SAME_FROM - earlier * 86_400_000, [0.06 / 1095] * 300)
    found = tried("C07", _venues(0.11, 0.10, own))
    assert found.verdict == "fails"
    assert "delivered_average" not in found.found
    assert "not held for a common month" in found.why.en


def test_the_missing_venue_is_heard_once_it_is_imported() -> None:
    own = funding("coinflex", "BTC/USD:USD", SAME_FROM, [0.06 / 1095] * 300)
    found = tried("C07", _venues(0.11, 0.10, own))
    assert found.found["delivered_average"] == pytest.approx(0.06)
    assert found.found["clamped_meanwhile"] == pytest.approx(0.11, abs=1e-3)
    assert "not held" not in found.why.en


@pytest.mark.parametrize("name", ["F04", "F24", "C07", "A09", "A14", "A16", "A06", "F21"])
def test_without_data_the_claim_says_what_is_missing(name: str) -> None:
    found = tried(name, held())
    assert found.verdict == "cannot be tested"
    assert found.found == {}
