"""One conversation of a run: begun, taken up again where it stood, or found finished."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..checkpoints.store.threads import Status, Thread
from ..core.errors import (
    AnswerError,
    ConversationError,
    FormRefusedError,
    Interrupted,
    ModelSetupError,
    RecommenderError,
    SegueError,
    StoreError,
)
from ..core.escaping import visible
from ..models.faults.refusals import is_for_all
from ..state.document import calls_behind, turns_done
from ..state.partition import Partition
from .plan import RunPlan, load_config
from .preparation.first_states import Preparation
from .queue import STOPS
from .runtime import Runtime

_REFUSED = frozenset({AnswerError.__name__, RecommenderError.__name__})
"""Errors after which a conversation is tried anew with as many answers again."""

DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a mistake in segue, or in a library below it, raises. Every failure that is foreseen is a `SegueError`."""


@dataclass(frozen=True)
class Conversations:
    """Plays the conversations of one run."""

    plan: RunPlan
    preparation: Preparation
    runtime: Runtime

    async def play(self, session_id: str) -> Thread:
        """Play the conversation on `session_id` to its end, or as far as it goes.

        A failure is stored with the thread and does not raise: other conversations go on.

        Raises:
            Interrupted, QuotaError, BudgetError, ModelSetupError, StoreError: see `play_thread`.
        """
        self.runtime.pools.know(self.preparation.catalog, self.preparation.allow_missing_media)
        thread = await self.runtime.threads.look_up(self.plan.thread_id(session_id))
        if thread is not None and thread.status == "done":
            return thread
        if thread is None:
            thread = await self.runtime.threads.update(self._new(session_id))
        # The id covers all of the plan that changes the data; the rest, such as an address, is today's, but for the
        # forms in which answers were asked for: what was asked must be found again.
        begun = bool(await self.runtime.values(thread.thread_id, self.plan))
        forms = thread.config.get("answer_forms", {}) if begun else self.runtime.servers.forms(self.plan)
        plan = RunPlan.model_validate({**dict(self.plan), "answer_forms": forms})
        thread = replace(thread, config=plan.config(plan.stream(session_id)))
        first = None
        if not begun:
            try:
                first = await asyncio.to_thread(self.preparation.first_state, session_id)
            except StoreError:  # no other conversation could keep its media either
                raise
            except SegueError as error:
                failed = describe(error)
                return await self.runtime.threads.update(thread, calls=(), status="failed", error=failed)
        return await play_thread(self.runtime, thread, first)

    def _new(self, session_id: str) -> Thread:
        return Thread(
            thread_id=self.plan.thread_id(session_id),
            run_id=self.plan.run_id,
            session_id=session_id,
            config=self.plan.config(self.plan.stream(session_id)),
            altered=Partition.from_json(self.plan.partition).altered,
        )


async def play_thread(runtime: Runtime, thread: Thread, first: dict[str, Any] | None = None) -> Thread:
    """Play any thread on, trunk or branch, and store how it stands.

    Where a model does not take the form in which it is to answer, it is asked for a looser one from there on, which is
    kept with the thread.

    Raises:
        Interrupted: after the stop signal; the thread is marked as stopped.
        StoreError, QuotaError, BudgetError, ModelSetupError: nothing else of the run could go on either.
    """
    plan, stream = load_config(thread.config)
    error = thread.error or {}
    # Only a conversation that failed is tried anew; one that was cut off goes on with the attempts it was at.
    refused = thread.status == "failed" and error.get("type") in _REFUSED
    # The old error stays until this succeeds or fails otherwise, also through a kill.
    thread = await runtime.threads.update(thread, status="running", retries=thread.retries + refused)
    try:
        await runtime.play(thread.thread_id, plan, stream, first=first, retries=thread.retries)
    except FormRefusedError as error:
        plan = runtime.servers.loosened(plan, error, runtime.events)
        thread = replace(thread, config=plan.config(stream))
        begun = await runtime.values(thread.thread_id, plan)
        return await play_thread(runtime, thread, None if begun else first)
    except StoreError:
        raise
    except SegueError as error:
        if not (isinstance(error, STOPS) and is_for_all(error)):
            return await _settle(runtime, thread, plan, "failed", describe(error))
        runtime.signal.stop(None if isinstance(error, Interrupted) else error)
        told = describe(error) if isinstance(error, ModelSetupError) else None
        await _settle(runtime, thread, plan, "stopped", thread.error or told)
        raise
    except DEFECTS as error:  # kept whole; others go on
        return await _settle(runtime, thread, plan, "failed", _defect(error))
    return await _settle(runtime, thread, plan, "done")


async def _settle(
    runtime: Runtime,
    thread: Thread,
    plan: RunPlan,
    status: Status,
    error: Mapping[str, Any] | None = None,
) -> Thread:
    """Store how the thread stands, with what its state says of topic and turns."""
    values = await runtime.values(thread.thread_id, plan)
    goal = values.get("goal") or {}
    return await runtime.threads.update(
        thread,
        calls=calls_behind(values),
        status=status,
        error=error,
        turns=turns_done(values),
        category=goal.get("category"),
        specificity=goal.get("specificity"),
    )


def describe(error: SegueError) -> dict[str, Any]:
    """The error as the store keeps it; names of fields that a model made up are spelled out."""
    place = error.place if isinstance(error, ConversationError) else None
    return {
        "type": type(error).__name__,
        "message": visible(error.message),
        "hint": error.hint,
        "turn": place.turn if place else None,
        "agent": place.agent if place else None,
        "raw": error.raw if isinstance(error, AnswerError) else None,
    }


def _defect(error: Exception) -> dict[str, Any]:
    """An error that should not exist, with its trace."""
    return {
        "type": type(error).__name__,
        "message": f"unexpected {type(error).__name__}: {error}",
        "hint": "this is a defect of segue; the trace is in `segue show THREAD --json` under error.raw",
        "turn": None,
        "agent": None,
        "raw": "".join(traceback.format_exception(error)),
    }
