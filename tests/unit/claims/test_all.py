"""Do all claims stand trial on the real data, quickly, the same way each time, and on nothing but the data?

Every found number moves when the input is scaled, shifted by a day or robbed of a month, or its claim says why it
cannot. Without data every claim still answers.
"""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

from perpscope.claims.case import Shelf
from perpscope.claims.ledger import claim_ids, load_claim
from perpscope.claims.model import Perturbation, Reproduction
from perpscope.claims.run import reproductions
from perpscope.collect.imports import import_paths
from perpscope.store import Store
from tests.unit.claims.made import Perturbed

pytestmark = pytest.mark.xdist_group("all claims")  # one worker imports and tries them once
SECONDS = 60.0
IDS = claim_ids()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME = 1e-12
"""Relative difference below which a number has not moved."""
ROUNDING = 1e-9
"""Relative difference above which a number that is said to stand still has moved; also the size of a number that is none."""


@pytest.fixture(scope="module")
def store(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store.open(tmp_path_factory.mktemp("claims") / "store", create=True)
    import_paths(made, [shared / "data"])
    return made


@pytest.fixture(scope="module")
def tried(store: Store) -> dict[str, Reproduction]:
    began = time.process_time()
    found = {one.claim.id: one for one in reproductions(IDS, Shelf(store))}
    assert time.process_time() - began < SECONDS
    return found


@cache
def _absent() -> dict[str, Reproduction]:
    return {one.claim.id: one for one in reproductions(IDS, Shelf(None))}


def _json(found: dict[str, Reproduction]) -> str:
    return json.dumps([one.to_dict() for one in found.values()], ensure_ascii=False, allow_nan=False)


def test_each_claim_has_a_verdict_and_a_reason_of_its_own(tried: dict[str, Reproduction]) -> None:
    assert list(tried) == list(IDS)
    for language in ("en", "zh"):
        reasons = [one.why.of(language) for one in tried.values()]
        assert len(set(reasons)) == len(reasons)
        assert all(len(reason) > 60 for reason in reasons)


def test_each_claim_that_was_tried_has_numbers_and_the_proof_of_its_data(tried: dict[str, Reproduction]) -> None:
    bare = [name for name, one in tried.items() if one.verdict != "cannot be tested" and not one.found]
    unproved = [name for name, one in tried.items() if one.window is not None and one.certificate is None]
    uncounted = [name for name, one in tried.items() if one.claim.kind == "data" and one.verdict != "cannot be tested" and not one.n]
    assert (bare, unproved, uncounted) == ([], [], [])


def test_trying_again_gives_the_same_bytes(tried: dict[str, Reproduction], store: Store) -> None:
    assert _json({one.claim.id: one for one in reproductions(IDS, Shelf(store))}) == _json(tried)


def test_without_data_every_claim_answers_and_data_claims_say_what_is_missing() -> None:
    found = _absent()
    assert list(found) == list(IDS)
    assert len({one.why.en for one in found.values()}) == len(IDS)
    untried = [name for name, one in found.items() if one.claim.kind == "data" and one.verdict != "cannot be tested"]
    assert untried == []
    silent = [
        name
        for name, one in found.items()
        if one.verdict == "cannot be tested" and not ("store holds no" in one.why.en or "absent" in one.why.en)
    ]
    assert silent == []


@pytest.mark.parametrize("how", get_args(Perturbation))
def test_every_found_number_moves_or_its_claim_says_why_it_cannot(how: Perturbation, tried: dict[str, Reproduction], store: Store) -> None:
    wrong: dict[str, list[str]] = {}
    for one in reproductions(IDS, Perturbed(store, how=how)):
        before, still = tried[one.claim.id].found, one.claim.still(how)
        both = {name: abs(value - before[name]) / max(1e-300, abs(before[name])) for name, value in one.found.items() if name in before}
        stuck = [f"{name} stands still" for name, change in both.items() if name not in still and change <= SAME]
        moved = [f"{name} moves" for name, change in both.items() if name in still and change > ROUNDING and abs(before[name]) > ROUNDING]
        if stuck + moved:
            wrong[one.claim.id] = stuck + moved
    assert wrong == {}


def test_what_is_said_to_stand_still_is_a_found_number(tried: dict[str, Reproduction]) -> None:
    strange = {
        name: sorted({n for groups in one.claim.unmoved.values() for group in groups for n in group.names} - set(one.found))
        for name, one in tried.items()
        if one.verdict != "cannot be tested"
    }
    assert {name: names for name, names in strange.items() if names} == {}


@pytest.mark.parametrize("name", IDS)
def test_both_languages_say_the_same_numbers(name: str) -> None:
    claim = load_claim(name)
    for key, text in claim.texts.items():
        assert _places(text.en) == _places(text.zh), key
    for group in (claim.sentence, claim.needs, claim.source, claim.tolerance, *claim.texts.values(), *claim.labels.values()):
        assert group.en
        assert group.zh
    for text in (claim.sentence, claim.needs, claim.source, claim.tolerance, *claim.texts.values()):
        assert CHINESE.search(text.zh), text.en


def _places(text: str) -> list[tuple[str, str]]:
    return sorted((name, form or "") for _, name, form, _ in Formatter().parse(text) if name is not None)


def test_each_number_has_a_name_in_both_languages(tried: dict[str, Reproduction]) -> None:
    nameless: dict[str, Any] = {}
    for name, one in tried.items():
        missing = [key for key in {**one.claim.stated, **one.found} if key not in one.claim.labels]
        if missing:
            nameless[name] = missing
    assert nameless == {}
