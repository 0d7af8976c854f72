"""Do the rules of krakenfutures say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestKrakenFutures(RuleBook):
    venue = "krakenfutures"
