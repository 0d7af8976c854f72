"""Do the rules of coinflex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestCoinFlex(RuleBook):
    venue = "coinflex"
