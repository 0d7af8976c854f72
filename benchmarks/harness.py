"""How fast, against whom? Runs the cases of a work load side by side, each in its own process, interleaved.

Every case prints one JSON line: {case, items, seconds, first_call_seconds, peak_mb, answer}. Five rounds, median;
ratios count, not seconds. A case whose library is not installed is left out and said so.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

Answer = dict[str, float]


def measure(
    case: str, items: int, work: Callable[[], Any], warm: Callable[[], object], answer_of: Callable[[Any], Answer] = lambda found: found
) -> None:
    """Time `work` once after `warm` (a small first call, timed apart) and print the line; `answer_of` sums up what it found, untimed."""
    began = time.perf_counter()
    warm()
    first = time.perf_counter() - began
    began = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {"case": case, "items": items, "seconds": seconds, "first_call_seconds": first, "peak_mb": peak, "answer": answer_of(found)}
    print(json.dumps(line))


def rounds(
    file: str, cases: list[tuple[str, int]], count: int = 5, pythons: dict[str, str] | None = None
) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Run every (case, size) `count` times, interleaved, each in a fresh process; `pythons` names that of a case living elsewhere."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {case: [] for case in cases}
    for _ in range(count):
        for case in list(found):
            python = (pythons or {}).get(case[0], sys.executable)
            done = subprocess.run([python, file, *map(str, case)], capture_output=True, text=True, check=False)  # noqa: S603 - our own file
            if done.returncode:
                print(f"left out: {case[0]} x {case[1]}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                found.pop(case)
            else:
                found[case].append(json.loads(done.stdout.splitlines()[-1]))
    return found


def table(found: dict[tuple[str, int], list[dict[str, Any]]], ours: str) -> list[dict[str, Any]]:
    """One row per case and size: median items/s, spread, ratio of ours to it, peak memory, first call."""
    rows = []
    for (case, size), runs in found.items():
        speeds = [run["items"] / run["seconds"] for run in runs]
        base = [run["items"] / run["seconds"] for run in found[(ours, size)]]
        rows.append(
            {
                "case": case,
                "size": size,
                "items_per_s": round(statistics.median(speeds)),
                "min": round(min(speeds)),
                "max": round(max(speeds)),
                "ours_over_it": round(statistics.median(base) / statistics.median(speeds), 2),
                "peak_mb": round(statistics.median(run["peak_mb"] for run in runs)),
                "first_call_s": round(statistics.median(run["first_call_seconds"] for run in runs), 3),
            }
        )
    return rows


def agree(found: dict[tuple[str, int], list[dict[str, Any]]], relative: float = 1e-9) -> None:
    """Stop unless all cases of one size gave the same answer."""
    for size in {size for _, size in found}:
        answers = [runs[0]["answer"] for (_, s), runs in found.items() if s == size and runs]
        for key, value in answers[0].items():
            for other in answers[1:]:
                if not math.isclose(value, other[key], rel_tol=relative, abs_tol=1e-15):
                    raise SystemExit(f"answers differ at size {size}: {key} is {value} and {other[key]}")


def show(rows: list[dict[str, Any]]) -> None:
    """Print rows as an aligned table and, last, as one JSON line."""
    names = list(rows[0])
    width = {
        name: max(len(name), *(len(f"{row[name]:,}" if isinstance(row[name], int) else str(row[name])) for row in rows)) for name in names
    }
    print("  ".join(name.rjust(width[name]) for name in names))
    for row in rows:
        print("  ".join((f"{v:,}" if isinstance(v, int) else str(v)).rjust(width[k]) for k, v in row.items()))
    print(json.dumps(rows))
