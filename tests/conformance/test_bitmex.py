"""Do the rules of bitmex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBitmex(RuleBook):
    venue = "bitmex"
