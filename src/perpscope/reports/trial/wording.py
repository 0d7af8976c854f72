"""How does the report speak? In one of two languages, from one source of texts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from perpscope.claims.model import Text
from perpscope.errors import InputError
from perpscope.reports.words import MINUS, THIN

Language = Literal["en", "zh"]
_PER_CENT = re.compile(r"(?<=[0-9]) ?%")
_MINUS = re.compile(r"(?<![\w.)\-])-(?=\d)")
_EQUALS = re.compile(r"\b([nt]) = ")
TAGS: dict[str, str] = {"en": "en", "zh": "zh-Hans"}


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language.

    Parameters
    ----------
    language : "en" or "zh".
    """

    language: Language

    def __post_init__(self) -> None:
        """Refuse a language nobody wrote."""
        if self.language not in TAGS:
            raise InputError(f"the language {self.language!r}", f"there are {', '.join(TAGS)}", "Name one of them.")

    @property
    def tag(self) -> str:
        """Name of the language for a browser."""
        return TAGS[self.language]

    def __call__(self, *path: str, **values: object) -> str:
        """Words at a place of words.toml, with values in their places."""
        found: Any = _texts()
        for name in path:
            found = found[name]
        return _set(str(found[self.language]).format(**values) if values else str(found[self.language]))

    def of(self, text: Text) -> str:
        """Words of a text in this language; no line ends between a number and its per cent sign, and a minus is one."""
        return _set(text.of(self.language))

    def set(self, page: str) -> str:
        """Set a whole page: Chinese puts no space before a per cent sign."""
        return page.replace(f"{THIN}%", "%") if self.language == "zh" else page


def _set(text: str) -> str:
    """Put a narrow space before per cent signs, a true minus before numbers, and no line end beside the sign after n and t."""
    return _EQUALS.sub("\\1\u00a0=\u00a0", _MINUS.sub(MINUS, _PER_CENT.sub(f"{THIN}%", text)))
