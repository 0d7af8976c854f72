"""Which pieces of the documentation run? Every fenced block marked `python` or `console`, file by file, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = {"python", "console"}
SHOWN = {"text", "toml", "json", "csv"}
"""Languages of blocks that are shown and not run."""

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s+# exit (\d)$")


@dataclass(frozen=True)
class Block:
    """One fenced block and the line it opens on."""

    file: Path
    line: int
    language: str
    body: str


@dataclass(frozen=True)
class Command:
    """One command of a console block, the exit code it announces (`# exit 1`), and the output shown under it."""

    line: str
    exit: int
    shown: str


def pages() -> list[Path]:
    """Pages of the repository that hold examples, the generated ones left out."""
    made = ROOT / "docs" / "_generated", ROOT / "docs" / "_build"
    found = [path for path in sorted((ROOT / "docs").rglob("*.md")) if not any(path.is_relative_to(folder) for folder in made)]
    return [*sorted(ROOT.glob("*.md")), *found]


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of one page, in order."""
    text = page.read_text(encoding="utf-8")
    found = _FENCE.finditer(text)
    return [Block(page, text.count("\n", 0, match.start()) + 1, match["language"].strip(), match["body"]) for match in found]


def commands(block: Block) -> list[Command]:
    """Commands of a console block; a command ends at the line that does not end in a backslash."""
    found: list[Command] = []
    for piece in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        typed = re.match(r"(?:[^\n]*\\\n)*[^\n]*", piece)
        assert typed is not None
        announced = _EXIT.search(typed.group())
        found.append(Command(_EXIT.sub("", typed.group()), int(announced[1]) if announced else 0, piece[typed.end() :].strip("\n")))
    return found


def matches(shown: str, printed: str) -> bool:
    """Compare output line by line, blanks at the ends aside; `…` stands for anything, on a line of its own for any lines."""
    if not shown:
        return True
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n" for line in shown.splitlines()]
    tidy = "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())
    return re.fullmatch("".join(lines), tidy) is not None
