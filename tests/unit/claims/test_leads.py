"""Does each verdict open with a sentence that is true of any data, and with the narrower one where a claim has two?"""

from __future__ import annotations

import pytest

from perpscope.claims.case import LEADS, Case, Shelf
from perpscope.claims.ledger import claim_ids, load_claim


@pytest.mark.parametrize("name", claim_ids())
def test_a_lead_holds_no_number_of_the_data(name: str) -> None:
    for key, text in load_claim(name).texts.items():
        if key.startswith("lead_"):
            assert "{" not in text.en + text.zh
            assert (text.en[-1], text.zh[-1]) == (".", "。")


def test_a_claim_may_choose_the_narrower_lead() -> None:
    case = Case(load_claim("F18"), Shelf(None))
    own = case.answer("cannot be tested", {}, why=[])
    split = case.answer("cannot be tested", {}, why=[], lead="lead_split")
    assert own.lead == case.claim.texts[LEADS["cannot be tested"]]
    assert split.lead == case.claim.texts["lead_split"] == split.why
    assert "One test speaks for it and one against" in split.why.en
