"""Do the rules of lighter say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestLighter(RuleBook):
    venue = "lighter"
