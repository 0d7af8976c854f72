"""Do the rules of gmx2 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestGmx2(RuleBook):
    venue = "gmx2"
