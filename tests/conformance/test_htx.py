"""Do the rules of htx say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestHtx(RuleBook):
    venue = "htx"
