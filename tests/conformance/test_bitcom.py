"""Do the rules of bitcom say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestBitcom(RuleBook):
    venue = "bitcom"
