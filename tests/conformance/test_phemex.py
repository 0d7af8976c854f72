"""Do the rules of phemex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestPhemex(RuleBook):
    venue = "phemex"
