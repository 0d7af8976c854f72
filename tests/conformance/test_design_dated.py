"""Do the rules of design_dated say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDesignDated(RuleBook):
    venue = "design_dated"
