"""What became of each claim? Every function is called with its case; what the store lacks becomes a verdict, not an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from perpscope.claims.case import Absent, Case, Shelf
from perpscope.claims.ledger import load_claim
from perpscope.claims.model import Claim, Reproduction, Text
from perpscope.errors import CatalogueError, NotEnoughData, StoreError


def reproductions(names: Iterable[str], shelf: Shelf) -> Iterator[Reproduction]:
    """Try claims, one after another.

    Parameters
    ----------
    names : ids, as `ledger.claim_ids` lists them. shelf : the data.
    """
    for claim in [load_claim(name) for name in names]:
        yield reproduce(claim, shelf)


def reproduce(claim: Claim, shelf: Shelf) -> Reproduction:
    """Try one claim; where the store lacks what it takes, or the computation breaks, the verdict says exactly what.

    Raises
    ------
    CatalogueError
        When the claim names no function. StoreError : when the store itself cannot be read.
    """
    case, function = Case(claim, shelf), _function(claim)
    try:
        return function(case)
    except Absent as absent:
        return case.answer("cannot be tested", {}, why=[_missing(claim, absent.what)])
    except NotEnoughData as short:
        return case.answer("cannot be tested", {}, why=[_short(claim, short)])
    except StoreError:
        raise
    except Exception as fault:  # noqa: BLE001 - a fault of one claim must not take the verdicts of all others with it
        return Reproduction(claim, "cannot be tested", {}, _broken(claim, fault), 0, None, broken=True)


def _function(claim: Claim) -> Callable[[Case], Reproduction]:
    module, _, name = claim.function.rpartition(".")
    try:
        found: Callable[[Case], Reproduction] = getattr(import_module(f"perpscope.claims.{module}"), name)
    except (ImportError, AttributeError) as problem:
        raise CatalogueError(
            f"the claim {claim.id}", f"no function {claim.function}: {problem}", "Mend the file in claims/ledger."
        ) from problem
    return found


def _missing(claim: Claim, what: Text) -> Text:
    return Text(
        f"Data absent: the store holds no {what.en}. To try “{claim.sentence.en.rstrip('.')}” takes {claim.needs.en}; "
        "the verdict appears once that is imported.",
        f"缺少数据：库中没有{what.zh}。要检验“{claim.sentence.zh.rstrip('。')}”，需要{claim.needs.zh}；导入后即可得出结论。",
    )


def _short(claim: Claim, problem: NotEnoughData) -> Text:
    return Text(
        f"Too little data: {problem} To try “{claim.sentence.en.rstrip('.')}” takes {claim.needs.en}.",
        f"数据不足：{problem} 要检验“{claim.sentence.zh.rstrip('。')}”，需要{claim.needs.zh}。",
    )


def _broken(claim: Claim, fault: Exception) -> Text:
    told = f"{type(fault).__name__}: {(str(fault).strip() or 'no message').splitlines()[0]}"
    return Text(
        f"The computation of {claim.id} broke on this data ({told}). That is a fault of the program and no verdict on "
        f"“{claim.sentence.en.rstrip('.')}”; please report it with the data.",
        f"{claim.id} 的计算在此数据上中断（{told}）。这是程序的缺陷，并不说明“{claim.sentence.zh.rstrip('。')}”"
        "成立与否；请连同数据一并报告。",
    )
