"""Where does this command work?

A `Place` is what was said before the verb: which store, and whether a browser may be opened. Verbs receive it as
a parameter that is not parsed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

if TYPE_CHECKING:
    from perpscope.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """What holds for every verb.

    Parameters
    ----------
    folder : the store; None means the user's data folder.
    may_open : whether a browser may be opened.
    """

    folder: Path | None = None
    may_open: bool = True

    @property
    def store_folder(self) -> Path:
        """Folder of the store."""
        from perpscope.store import default_folder

        return self.folder or default_folder()

    def store(self, *, create: bool = False) -> Store:
        """Open the store; an absent one is made only where `create` says so."""
        from perpscope.store import Store

        return Store.open(self.store_folder, create=create)

    @property
    def opens_browser(self) -> bool:
        """Whether a report is shown in the browser: only from a terminal, and only if nobody said no."""
        return self.may_open and sys.stdout.isatty()


Where: TypeAlias = Annotated[Place, Parameter(parse=False)]


def say(text: str) -> None:
    """Talk to the person; data goes to standard output, talk to standard error."""
    print(text, file=sys.stderr)  # noqa: T201 - the one place that talks
