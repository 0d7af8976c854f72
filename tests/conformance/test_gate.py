"""Do the rules of gate say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestGate(RuleBook):
    venue = "gate"
