"""Which claims are there, in whose words, and who computes them?

One TOML file a claim: what it says in English and Chinese, the article's numbers, how close counts as reproduced, which
function tries it, and the sentences of its answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from perpscope.claims.model import Claim, Kind, Text, Unmoved
from perpscope.errors import CatalogueError, InputError

_ORDER = {"F": 0, "A": 1, "C": 2}


def claim_ids() -> tuple[str, ...]:
    """Ids of all claims: article F, then A, then C, by number."""
    names = (entry.name for entry in files(__name__).iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted((name.removesuffix(".toml") for name in names), key=lambda name: (_ORDER[name[0]], name)))


@cache
def load_claim(name: str) -> Claim:
    """Read one claim.

    Raises
    ------
    InputError
        When there is none of that id.
    CatalogueError
        When its file is not as it should be.
    """
    known = claim_ids()
    wanted = name.strip().upper()
    if wanted not in known:
        raise InputError(
            f"the claim {name!r}", f"the claims are {', '.join(known)}", "Name one of these; `claims list` tells what they say."
        )
    try:
        return _claim(tomllib.loads((files(__name__) / f"{wanted}.toml").read_text(encoding="utf-8")), wanted)
    except (KeyError, TypeError, ValueError) as problem:
        raise CatalogueError(f"the claim {wanted}", f"its file is wrong: {problem!r}", "Mend the file in claims/ledger.") from problem


def _claim(told: Mapping[str, Any], name: str) -> Claim:
    if told["id"] != name or told["kind"] not in get_args(Kind):
        raise ValueError(f"id {told['id']!r}, kind {told['kind']!r}")
    return Claim(
        id=name,
        kind=told["kind"],
        function=told["function"],
        sentence=_text(told["sentence"]),
        stated={key: float(value) for key, value in told.get("stated", {}).items()},
        source=_text(told["source"]),
        tolerance=_text(told["tolerance"]),
        needs=_text(told["needs"]),
        figure=told.get("figure", ""),
        texts={key: _text(value) for key, value in told.get("text", {}).items()},
        labels={key: _text(value) for key, value in told.get("label", {}).items()},
        unmoved={key: _unmoved(value) for key, value in told.get("unmoved", {}).items()},
        formats={key: str(value) for key, value in told.get("format", {}).items()},
    )


def _text(told: Mapping[str, str]) -> Text:
    return Text(told["en"].strip(), told["zh"].strip())


def _unmoved(told: Mapping[str, Any] | list[Mapping[str, Any]]) -> tuple[Unmoved, ...]:
    groups = told if isinstance(told, list) else [told]
    return tuple(Unmoved(tuple(group["names"]), _text(group)) for group in groups)
