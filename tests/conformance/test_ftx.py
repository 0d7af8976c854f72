"""Do the rules of ftx say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestFtx(RuleBook):
    venue = "ftx"
