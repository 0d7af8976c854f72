"""Do the rules of dydx say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDydx(RuleBook):
    venue = "dydx"
