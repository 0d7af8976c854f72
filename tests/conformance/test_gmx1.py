"""Do the rules of gmx1 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestGmx1(RuleBook):
    venue = "gmx1"
