"""`Conversation`: one stored line of talk, read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checkpoints.store.reader import StoreReader, require_played
from ..checkpoints.store.timeline import Step, find_state, steps
from ..core.errors import NotFoundError
from ..evaluation.measured_part import labels
from ..models.prices import PriceTable, load_prices
from ..runs.summary import thread_summary
from ..state.channels import ConversationState
from ..state.document import conversation

if TYPE_CHECKING:
    from ..checkpoints.store.ledger import LedgerRow
    from ..checkpoints.store.threads import Thread


@dataclass(frozen=True)
class Turn:
    """One turn: what the listener said, what the recsys played, what both thought.

    Attributes:
        number: from 1.
        listener: the listener's message.
        track_id, title, artists, recsys, recsys_thought: None, and no artists, while the recsys has not answered.
        progress: the listener's label of this very track, `MOVES_TOWARD_GOAL` or `DOES_NOT_MOVE_TOWARD_GOAL`;
            it is given a turn later, and None until then.
    """

    number: int
    listener: str
    listener_thought: str
    track_id: str | None
    title: str | None
    artists: tuple[str, ...]
    recsys: str | None
    recsys_thought: str | None
    progress: str | None


class Conversation:
    """One stored conversation: a trunk, a branch, or one that was imported.

    What stands in its row is there at once; everything else is read from the store when it is first asked for,
    and then stays as it was read. `OpenStore.conversation` gives a fresh one.
    """

    def __init__(self, reader: StoreReader, thread: Thread) -> None:
        self._reader = reader
        self.thread = thread

    @property
    def thread_id(self) -> str:
        return self.thread.thread_id

    @property
    def session_id(self) -> str:
        return self.thread.session_id

    @property
    def run(self) -> str:
        """The id of the run it belongs to."""
        return self.thread.run_id

    @property
    def parent(self) -> str | None:
        """The thread it was branched from; None for a trunk."""
        return self.thread.parent

    @property
    def fork(self) -> Mapping[str, Any] | None:
        """Of a branch: {checkpoint, turn, agent, reason, edits}."""
        return self.thread.fork

    @property
    def status(self) -> str:
        """running, done, failed, stopped or imported."""
        return self.thread.status

    @property
    def error(self) -> Mapping[str, Any] | None:
        """{type, message, hint, turn, agent, raw} of the failure it stands at."""
        return self.thread.error

    def __repr__(self) -> str:
        return f"<conversation {self.thread_id}: {self.status}, {self.thread.turns} turns>"

    @cached_property
    def channels(self) -> dict[str, Any]:
        """The state at its newest checkpoint, channel by channel; empty before the first."""
        return self._reader.state(self.thread)

    @cached_property
    def document(self) -> dict[str, Any]:
        """All of it as one document with stable keys, as `segue show --json` prints it."""
        return {
            "thread_id": self.thread_id,
            "parent": self.parent,
            "run": self.run,
            "status": self.status,
            "error": self.error,
            **conversation(self.channels),
        }

    @property
    def profile(self) -> dict[str, Any] | None:
        """The listener's profile; None until it is written."""
        found: dict[str, Any] | None = self.document["profile"]
        return found

    @property
    def goal(self) -> dict[str, Any] | None:
        """The conversation's goal: {category, specificity, listener_goal, ...}; None until it is written."""
        found: dict[str, Any] | None = self.document["goal"]
        return found

    def write_files(self, folder: str | Path) -> list[Path]:
        """Write the original pipeline's three files: `profiling.json`, `conversation_goal.json`, `chat.json`."""
        import json

        from ..state.original import original_files

        paths = []
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, content in original_files(self.thread_id, self.channels).items():
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            paths.append(Path(folder) / name)
            paths[-1].write_text(text, encoding="utf-8")
        return paths

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that were played, in order."""
        given = labels(self.document)
        return tuple(_turn(turn, self.document["tracks"], given) for turn in self.document["turns"])

    @property
    def thoughts(self) -> list[dict[str, Any]]:
        """[{turn, agent, thought}] in the order in which they were had; the listener's last one is on the turn
        after the last."""
        had = []
        for turn in self.document["turns"]:
            sides = [("listener", turn["listener"]), ("recsys", turn["recsys"])]
            had += [(turn["turn"], agent, side["thought"]) for agent, side in sides if side]
        if self.document["closing"]:
            had.append((len(self.turns) + 1, "listener", self.document["closing"]["thought"]))
        return [{"turn": turn, "agent": agent, "thought": thought} for turn, agent, thought in had]

    @cached_property
    def calls(self) -> list[LedgerRow]:
        """The model calls behind it, whichever thread asked them first, and its own that came to nothing."""
        keys = [key for record in self.document["records"] for key in record["calls"]]
        return self._reader.ledger.rows(keys=keys, thread_ids=[self.thread_id])

    def summary(
        self, prices: PriceTable | str | Path | None = None, *, listed: bool = True
    ) -> dict[str, Any]:
        """What `segue threads --json` prints of it: {thread_id, session_id, status, turns, model_calls, tokens,
        cost_usd} and, with `listed`, {parent, run, created, goal, error}.

        Args:
            prices: YAML file with prices of other models, or a table read before.

        Raises:
            ConfigError: the file of prices cannot be used.
        """
        table = prices if isinstance(prices, PriceTable) else _prices(prices)
        return thread_summary(self.thread, self.channels, self._reader.ledger, table, listed=listed)

    @property
    def cost(self) -> float | None:
        """USD at list price for the calls behind it; None when a model has no listed price."""
        found: float | None = self.summary()["cost_usd"]
        return found

    @property
    def branches(self) -> list[Conversation]:
        """The conversations that were branched from it, in order of creation."""
        found = self._reader.threads.list(parent=self.thread_id)
        return [Conversation(self._reader, thread) for thread in found]

    @property
    def trunk(self) -> Conversation:
        """The conversation that the branches of its tree began with; itself where it is no branch."""
        found = self
        while found.parent is not None:
            found = Conversation(self._reader, self._reader.threads.get(found.parent))
        return found

    def tree(self) -> dict[str, Any]:
        """The branches of the whole tree that it belongs to: {thread_id, status, turns, fork, branches: [the same]},
        from the trunk on."""
        family = self._reader.threads.list(session=self.session_id)
        return _tree(self.trunk.thread, family)

    def history(self, turn: int | None = None) -> list[dict[str, Any]]:
        """Its checkpoints, oldest first: who acted on which turn, and what was written.

        Args:
            turn: only this one; 0 is the preparation.

        Returns:
            [{checkpoint_id, step, turn, agent, edited, outcome, calls, created, wrote}]. `agent` is None for the
            input, `edited` is True where a branch set the state from outside.

        Raises:
            InputError: it was imported, so that there are none.
        """
        require_played(self.thread)
        rows = [_row(step) for step in steps(self._reader.saver, self.thread_id) if step.after]
        return [row for row in rows if turn is None or row["turn"] == turn]

    def state(self, turn: int | None = None, *, checkpoint: str | None = None) -> dict[str, Any]:
        """The state as it was, channel by channel.

        Args:
            turn: after that turn; 0 is the preparation. The newest state by default.
            checkpoint: at that checkpoint of `history` instead.

        Raises:
            InputError: it was imported.
            NotFoundError: it has no such turn or checkpoint.
        """
        require_played(self.thread)
        if checkpoint is not None:
            return _own(find_state(self._reader.saver, self.thread_id, checkpoint))
        if turn is None:
            return _own(self.channels)
        found = [step for step in steps(self._reader.saver, self.thread_id) if "setup" in step.after]
        done = [step for step in found if _turn_of(step) <= turn]
        if not done or turn > max(_turn_of(step) for step in found):
            raise NotFoundError(
                f"conversation {self.thread_id} has no turn {turn}",
                hint=f"`segue history {self.thread_id}` lists what it has",
            )
        return _own(done[-1].after)


def _turn(turn: Mapping[str, Any], tracks: Mapping[str, Any], given: Mapping[int, str]) -> Turn:
    asked, reply = turn["listener"], turn["recsys"]
    card = tracks[reply["track_id"]] if reply else None
    return Turn(
        number=turn["turn"],
        listener=asked["message"],
        listener_thought=asked["thought"],
        track_id=reply["track_id"] if reply else None,
        title=card["title"] if card else None,
        artists=tuple(card["artists"]) if card else (),
        recsys=reply["message"] if reply else None,
        recsys_thought=reply["thought"] if reply else None,
        progress=given.get(turn["turn"]),
    )


def _row(step: Step) -> dict[str, Any]:
    record = step.record or {}
    return {
        "checkpoint_id": step.checkpoint_id,
        "step": step.number,
        "turn": record.get("turn", 0),
        "agent": step.agent,
        "edited": step.edited,
        "outcome": record.get("outcome"),
        "calls": len(record.get("calls", ())),
        "created": step.created,
        "wrote": {name: value for name, value in step.written.items() if name != "records"},
    }


def _tree(thread: Thread, family: Sequence[Thread]) -> dict[str, Any]:
    children = [other for other in family if other.parent == thread.thread_id]
    told = {name: getattr(thread, name) for name in ("thread_id", "status", "turns", "fork")}
    return {**told, "branches": [_tree(child, family) for child in children]}


def _turn_of(step: Step) -> int:
    """The turn that somebody acted on last; an edit without a record is part of the turn before."""
    records = step.after.get("records", ())
    return int(records[-1]["turn"]) if records else 0


def _own(channels: Mapping[str, Any]) -> dict[str, Any]:
    """Our channels; LangGraph keeps its own beside them, such as which node comes next."""
    return {name: channels[name] for name in ConversationState.__annotations__ if name in channels}


def _prices(file: str | Path | None) -> PriceTable:
    return _listed_prices() if file is None else load_prices(Path(file))


@cache
def _listed_prices() -> PriceTable:
    return load_prices()
