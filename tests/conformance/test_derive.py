"""Do the rules of derive say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDerive(RuleBook):
    venue = "derive"
