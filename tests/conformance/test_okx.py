"""Do the rules of okx say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestOkx(RuleBook):
    venue = "okx"
