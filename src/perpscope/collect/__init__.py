"""Sources meet the store: what was read is written, and counted."""

from perpscope.collect.imports import import_paths
from perpscope.collect.model import Imported

__all__ = ["Imported", "import_paths"]
