"""Do the rules of paradex say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestParadex(RuleBook):
    venue = "paradex"
