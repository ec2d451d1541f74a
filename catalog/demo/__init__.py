"""The built-in catalogue of fictional music: hand-written words, and sound and pictures made from them.

Media are made where they are first wanted and not shipped: as files the 267 recordings are 167 MB and the 88 covers
8.7 MB, where the whole wheel is 0.9.
"""

from .catalog import DemoCatalog, open_demo

__all__ = ["DemoCatalog", "open_demo"]
