"""Do the rules of perpfi1 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestPerpFi1(RuleBook):
    venue = "perpfi1"
