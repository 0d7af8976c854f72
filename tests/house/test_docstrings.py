"""Does every file open with its question, and every formula name where it comes from?"""

from __future__ import annotations

import ast
import re

from tests.house import tree

FORMULA = re.compile(r"(?<![\w.])[A-Z](?:\([A-Z, ]*\))? = \S")
NUMBERS = {"Number", "Terms"}
ARITHMETIC = {"clamp", "to_exact"}
"""Plain arithmetic under its school name, which is nobody's formula."""


def test_every_module_opens_with_a_docstring() -> None:
    assert [tree.name(path) for path in tree.modules() if not ast.get_docstring(tree.parsed(path))] == []


def test_every_formula_of_the_mechanisms_names_its_source() -> None:
    """Of the public names, those that return a computed number or terms, and those whose docstring states a formula."""
    unsourced = [
        f"{tree.name(path)}:{node.lineno} {node.name}"
        for path in tree.source_modules()
        if path.parent.name == "mechanisms" and not path.stem.startswith("_")
        for node in tree.parsed(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and node.name not in ARITHMETIC
        and _states_a_formula(node)
        if not re.search(r"^\s*Source(:|\n\s*-+)", ast.get_docstring(node) or "", re.MULTILINE)
    ]
    assert unsourced == []


def _states_a_formula(node: ast.FunctionDef | ast.ClassDef) -> bool:
    if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name) and node.returns.id in NUMBERS:
        return True
    return bool(FORMULA.search(ast.get_docstring(node) or ""))
