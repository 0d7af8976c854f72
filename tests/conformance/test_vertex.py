"""Do the rules of vertex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestVertex(RuleBook):
    venue = "vertex"
