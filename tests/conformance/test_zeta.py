"""Do the rules of zeta say what their sources say?"""

from __future__ import annotations

from tests.conformance.suite import RuleBook


class TestZeta(RuleBook):
    venue = "zeta"
