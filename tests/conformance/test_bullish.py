"""Do the rules of bullish say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBullish(RuleBook):
    venue = "bullish"
