"""Do the rules of 01xyz say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestZero1(RuleBook):
    venue = "01xyz"
