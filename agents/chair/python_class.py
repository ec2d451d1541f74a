"""A recommender that is a class: imported by name, made once, asked from threads or on an event loop of its own."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
import threading
import traceback
from types import ModuleType
from typing import Any, Final, Protocol

from ...core.errors import ModelSetupError, RecommenderError
from ...core.text import one_line, received
from ...models.reply import Finish, Reply, Usage
from .answers import Answer, written_answer
from .spec import RecommenderSpec
from .threads import Ended, Errand, SideLoop
from .view import RecommenderView

MOST_HANGING: Final = 64
"""Threads that may hang at once in calls that nobody waits for any more."""

MOST_CHARACTERS: Final = 4 << 20
"""Of an answer."""

_QUOTED: Final = 4096

_NOT_THEIRS: Final = (os.path.dirname(__file__), os.path.dirname(importlib.__file__), "<frozen ")
"""Beginnings of the files whose lines say nothing of a user's code."""


class Recommender(Protocol):
    """The least that a class must have to sit in the recsys's chair. `recommend` may be a coroutine."""

    def recommend(self, view: RecommenderView) -> Answer:
        """What is to be played on the view's turn: ranked ids, a `Recommendation`, or None for no match."""
        ...


class PythonRecommender:
    """Asks a class. Plain methods run in threads, one for each call, so that one that hangs holds up nothing.

    Attributes:
        made: the object that is asked.
    """

    def __init__(self, spec: RecommenderSpec) -> None:
        self._spec = spec
        self.made = make(spec)
        self._is_async = inspect.iscoroutinefunction(self.made.recommend)
        self._side: SideLoop | None = None
        self._hanging: list[threading.Thread] = []

    async def ask(self, body: str, timeout_s: float) -> Reply:
        """See `Occupant`."""
        view = RecommenderView.model_validate_json(body)
        if self._is_async:
            return await self._ask_on_loop(view)
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if len(self._hanging) >= MOST_HANGING:
            raise RecommenderError(
                f"{self._spec.name}: {len(self._hanging)} of its calls hang, and no further one is begun",
                hint="see what it waits for; a server of its own can be ended and begun again",
            )
        errand = Errand(lambda: self.made.recommend(view))
        try:
            ended = await errand.end()
        except asyncio.CancelledError:
            self._hanging.append(errand.thread)
            raise
        return (
            await self._ask_on_loop(view, ended.value)
            if inspect.iscoroutine(ended.value)
            else self._reply(ended)
        )

    async def _ask_on_loop(self, view: RecommenderView, begun: Any = None) -> Reply:
        self._side = self._side or SideLoop()
        side = self._side
        try:
            return self._reply(await side.run(begun or self.made.recommend(view)))
        except asyncio.CancelledError:
            if self._side is side and not await side.is_alive():
                self._side = None
            raise

    async def look(self) -> None:
        """It was made, so that it is there."""

    async def aclose(self) -> None:
        """End its event loop, where it has one."""
        if self._side is not None:
            await asyncio.to_thread(self._side.close)

    def _reply(self, ended: Ended[Any]) -> Reply:
        if ended.error is not None:
            return _refused("other", _told(ended.error))
        try:
            text = written_answer(ended.value)
        except (TypeError, ValueError, RecursionError, OverflowError) as error:
            return _refused("other", one_line(f"what it returned has no JSON form: {error}", 300))
        if len(text) > MOST_CHARACTERS:
            told = f"its answer holds more than {MOST_CHARACTERS >> 20} MiB"
            return _refused("length", told, text[:_QUOTED])
        kept, replaced = received(text)
        return Reply(text=kept, finish="stop", usage=Usage(), replaced=replaced)


def _refused(finish: Finish, why: str, text: str = "") -> Reply:
    return Reply(text=received(text)[0], finish=finish, finish_reason=why, usage=Usage())


def _told(error: BaseException) -> str:
    """An error of the user's code, and where in that it was raised."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(_NOT_THEIRS)]
    where = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    said = one_line(str(error), 200)
    return f"it raised {type(error).__name__}{': ' if said else ''}{said}{where}"


def make(spec: RecommenderSpec) -> Any:
    """The object that a spec names.

    Raises:
        ModelSetupError: there is none, or it is no recommender.
    """
    module_name, _, path = spec.target.partition(":")
    found = _imported(spec, module_name)
    try:
        for name in path.split("."):
            found = getattr(found, name)
    except AttributeError:
        raise ModelSetupError(
            f"{spec.name}: {_named(module_name)} has no {path}", hint="name the class after the colon"
        ) from None
    if not inspect.isclass(found):
        raise ModelSetupError(
            f"{spec.name}: {path} is no class, but a {type(found).__name__}",
            hint="name a class that has a method recommend(self, view)",
        )
    try:
        made = found(**spec.arguments)
    except (Exception, SystemExit) as error:
        raise ModelSetupError(
            f"{spec.name}: it cannot be made: {_told(error)}",
            hint=f"arguments stand in brackets, such as {spec.name.partition('(')[0]}(k=20)",
        ) from error
    if not callable(getattr(made, "recommend", None)):
        raise ModelSetupError(
            f"{spec.name}: it has no method recommend(self, view)",
            hint="the least that a recommender needs is in docs/recommenders.md",
        )
    return made


def _imported(spec: RecommenderSpec, name: str) -> Any:
    """The module; modules of the folder in which one works come after all that are installed."""
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    if (known := sys.modules.get(name)) is not None and _is_folder(known):
        del sys.modules[name]  # it was found before a module of that name could be
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise ModelSetupError(
            f"{spec.name}: the module {name} cannot be imported: {_told(error)}",
            hint=f"it is looked for in {here} and where Python's packages are; try `python -c 'import {name}'`",
        ) from error


def _is_folder(module: ModuleType) -> bool:
    """Whether a module is nothing but a folder of that name somewhere on the path, without a file of code."""
    return getattr(module, "__file__", None) is None and hasattr(module, "__path__")


def _named(name: str) -> str:
    module = sys.modules[name]
    if _is_folder(module):
        return f"{name} is no module but a folder without __init__.py, {next(iter(module.__path__))}, and"
    return f"the module {name}"
