"""Do the rules of shiller say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestShiller(RuleBook):
    venue = "shiller"
