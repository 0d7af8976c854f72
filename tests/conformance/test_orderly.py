"""Do the rules of orderly say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestOrderly(RuleBook):
    venue = "orderly"
