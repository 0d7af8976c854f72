"""Do the rules of boros say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBoros(RuleBook):
    venue = "boros"
