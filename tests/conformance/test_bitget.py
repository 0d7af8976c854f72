"""Do the rules of bitget say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBitget(RuleBook):
    venue = "bitget"
