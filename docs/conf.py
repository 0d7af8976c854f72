"""How is the documentation built? `python -m sphinx docs docs/_build/html`; `./test` does it with warnings as errors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

project = "Perpscope"
author = "The Perpscope authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "examples"]
myst_enable_extensions = ["colon_fence", "deflist"]
default_role = "code"
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Perpscope"
html_static_path = ["_static"]
html_show_sphinx = False
html_theme_options = {"source_edit_link": "", "top_of_page_buttons": []}

suppress_warnings = ["ref.python"]  # a type named in two rooms (Terms, Source) has no single target; the signature still shows it
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}


def setup(app: Sphinx) -> None:
    """Write the pages that are made from declarations before anything is read, and read docstrings as we write them."""
    from docs._ext import docstrings, pages

    app.connect("builder-inited", lambda _: pages.write(HERE / "_generated"))
    app.connect("autodoc-process-docstring", docstrings.rewrite)
