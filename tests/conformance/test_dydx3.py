"""Do the rules of dydx3 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDydx3(RuleBook):
    venue = "dydx3"
