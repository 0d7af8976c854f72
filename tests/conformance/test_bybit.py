"""Do the rules of bybit say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBybit(RuleBook):
    venue = "bybit"
