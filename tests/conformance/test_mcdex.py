"""Do the rules of mcdex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestMcdex(RuleBook):
    venue = "mcdex"
