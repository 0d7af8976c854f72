"""Do the rules of mexc say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestMexc(RuleBook):
    venue = "mexc"
