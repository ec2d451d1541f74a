"""The built-in catalogue of fictional music: hand-written words, and sound and pictures made from them."""

from .catalog import DemoCatalog, open_demo

__all__ = ["DemoCatalog", "open_demo"]
