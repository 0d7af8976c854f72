"""Do the rules of design_outside say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDesignOutside(RuleBook):
    venue = "design_outside"
