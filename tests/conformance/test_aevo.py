"""Do the rules of aevo say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestAevo(RuleBook):
    venue = "aevo"
