"""Do the rules of synthetix_v2 say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestSynthetixV2(RuleBook):
    venue = "synthetix_v2"
