"""The history of markets on disk: tables that lose, tear and double nothing, and can say what they hold."""

from perpscope.store.certificate import Certificate
from perpscope.store.fact import Fact
from perpscope.store.place import default_folder
from perpscope.store.registry import Registry
from perpscope.store.source import Source, Written
from perpscope.store.store import Store

__all__ = ["Certificate", "Fact", "Registry", "Source", "Store", "Written", "default_folder"]
