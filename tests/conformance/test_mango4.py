"""Do the rules of mango4 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestMango4(RuleBook):
    venue = "mango4"
