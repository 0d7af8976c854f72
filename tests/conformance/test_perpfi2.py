"""Do the rules of perpfi2 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestPerpFi2(RuleBook):
    venue = "perpfi2"
