"""Do the rules of hyperliquid say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestHyperliquid(RuleBook):
    venue = "hyperliquid"
