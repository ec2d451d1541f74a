"""`Options`: a run's configuration together with the store it is for and what is printed of it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..core.settings import blaming
from ..runs.config import RunConfig


class Options(RunConfig):
    """What a command that plays was told."""

    store: str
    show: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, config: RunConfig, store: str, *, show: bool = False, as_json: bool = False) -> Options:
        """The configuration with what is beside it."""
        given = {name: getattr(config, name) for name in config.model_fields_set}
        return cls(**given, store=store, show=show, as_json=as_json)

    def blaming(self, setting: str) -> AbstractContextManager[None]:
        """Errors of user input inside are about that setting."""
        return blaming(setting)
