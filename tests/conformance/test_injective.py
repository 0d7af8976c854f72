"""Do the rules of injective say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestInjective(RuleBook):
    venue = "injective"
