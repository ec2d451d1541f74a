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
    BudgetError,
    ConversationError,
    Interrupted,
    QuotaError,
    SegueError,
    StoreError,
)
from ..state.document import turns_done
from ..state.partition import Partition
from .plan import RunPlan, load_config
from .preparation import Preparation
from .runtime import Runtime

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
            Interrupted, QuotaError, BudgetError, StoreError: see `play_thread`.
        """
        thread = await self.runtime.threads.look_up(self.plan.thread_id(session_id))
        if thread is not None and thread.status == "done":
            return thread
        if thread is None:
            thread = await self.runtime.threads.update(self._new(session_id))
        # The id covers all of the plan that changes the data; the rest, such as an address, is today's.
        thread = replace(thread, config=self.plan.config(self.plan.stream(session_id)))
        first = None
        if not await self.runtime.values(thread.thread_id, self.plan):
            try:
                first = await asyncio.to_thread(self.preparation.first_state, session_id)
            except SegueError as error:
                return await self.runtime.threads.update(thread, status="failed", error=describe(error))
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

    Raises:
        Interrupted: after the stop signal; the thread is marked as stopped.
        StoreError, QuotaError, BudgetError: nothing else of the run could go on either.
    """
    plan, stream = load_config(thread.config)
    error = thread.error or {}
    # Only a conversation that failed is tried anew; one that was cut off goes on with the attempts it was at.
    refused = thread.status == "failed" and error.get("type") == AnswerError.__name__
    # The old error stays until this succeeds or fails otherwise, also through a kill.
    thread = await runtime.threads.update(thread, status="running", retries=thread.retries + refused)
    try:
        await runtime.play(thread.thread_id, plan, stream, first=first, retries=thread.retries)
    except (Interrupted, QuotaError, BudgetError) as error:
        await _settle(runtime, thread, plan, "stopped", thread.error)
        runtime.signal.stop(None if isinstance(error, Interrupted) else error)
        raise
    except StoreError:
        raise
    except SegueError as error:
        return await _settle(runtime, thread, plan, "failed", describe(error))
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
        status=status,
        error=error,
        turns=turns_done(values),
        category=goal.get("category"),
        specificity=goal.get("specificity"),
    )


def describe(error: SegueError) -> dict[str, Any]:
    """The error as the store keeps it."""
    place = error.place if isinstance(error, ConversationError) else None
    return {
        "type": type(error).__name__,
        "message": error.message,
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
