"""Do the rules of cgse say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestCgse(RuleBook):
    venue = "cgse"
