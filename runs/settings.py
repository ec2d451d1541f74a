"""Where the mechanism of settings stood before; see `core/settings.py`."""

from __future__ import annotations

from ..core.settings import blaming, faults_of, settings_of

__all__ = ["blaming", "faults_of", "settings_of"]
