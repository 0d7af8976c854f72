"""What do files say? Importers turn files of any known shape into rows of the declared tables, or say why they cannot."""

from perpscope.sources.known import KnownFacts, catalogue_facts, nothing_known
from perpscope.sources.mapping import Entry, FileFacts, mapping_of, read_mapping
from perpscope.sources.model import Part, Reading, Refused
from perpscope.sources.reading import read_file

__all__ = [
    "Entry",
    "FileFacts",
    "KnownFacts",
    "Part",
    "Reading",
    "Refused",
    "catalogue_facts",
    "mapping_of",
    "nothing_known",
    "read_file",
    "read_mapping",
]
