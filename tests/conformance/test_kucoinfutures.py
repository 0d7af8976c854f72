"""Do the rules of kucoinfutures say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestKucoinFutures(RuleBook):
    venue = "kucoinfutures"
