"""Do the rules of cryptocom say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestCryptocom(RuleBook):
    venue = "cryptocom"
