"""Do the rules of coinbaseinternational say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestCoinbaseInternational(RuleBook):
    venue = "coinbaseinternational"
