"""Do the rules of drift say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDrift(RuleBook):
    venue = "drift"
