"""Do the rules of deribit say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestDeribit(RuleBook):
    venue = "deribit"
