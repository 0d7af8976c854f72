"""Do the rules of dydx1 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDydx1(RuleBook):
    venue = "dydx1"
