"""`Conversation`: one stored line of talk, read when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checkpoints.store.reader import StoreReader, require_played
from ..checkpoints.store.timeline import find_state, steps
from ..checkpoints.store.usage_queries import Chosen
from ..core.errors import NotFoundError
from ..evaluation.measured_part import labels
from ..models.costs.prices import PriceTable, load_prices
from ..runs.reporting.summary import SHORT, models_of, thread_summary
from ..state.document import calls_behind, conversation
from ..state.original import ORIGINAL_FILES as ORIGINAL_FILES
from ..state.original import original_files
from .checkpoints_told import history_row, own_channels, turn_done
from .family import alternatives_of, tree_of
from .moves import AgentMove as AgentMove
from .moves import moves_of
from .reading.requests import SeenBy
from .turns import Turn as Turn
from .turns import turn_of

if TYPE_CHECKING:
    from ..checkpoints.store.judgements import Judgement
    from ..checkpoints.store.ledger import LedgerRow
    from ..checkpoints.store.threads import Thread


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
            **self._chair(),
            **conversation(self.channels),
            **models_of(
                self._reader.store, Chosen(thread_ids=[self.thread_id], keys=calls_behind(self.channels))
            ),
        }

    def _chair(self) -> dict[str, Any]:
        """{recommender: {name, reply}} where one sits in the recsys's chair."""
        if self.thread.recommender is None:
            return {}
        reply = self.thread.config.get("recsys_reply", "template")
        return {"recommender": {"name": self.thread.recommender, "reply": reply}}

    @property
    def models(self) -> dict[str, str]:
        """Agent -> the model that it was asked to be; none for what was imported."""
        return {agent: spec["name"] for agent, spec in self.thread.config.get("models", {}).items()}

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

        place, made = Path(folder), original_files(self.thread_id, self.channels)
        place.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            (place / name).write_text(text, encoding="utf-8")
        return [place / name for name in made]

    @cached_property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that were played, in order."""
        given = labels(self.document)
        return tuple(turn_of(turn, self.document["tracks"], given) for turn in self.document["turns"])

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
        return self._reader.ledger.rows(keys=calls_behind(self.channels), thread_ids=[self.thread_id])

    @cached_property
    def moves(self) -> list[AgentMove]:
        """What each agent did on each turn, refused answers included, at list price; what did not finish last."""
        calls = self._reader.calls(self.thread, self.channels)
        return moves_of(self.document["records"], calls, _prices(None))

    @property
    def seen(self) -> SeenBy:
        """What its agents were sent, byte for byte."""
        return SeenBy(self._reader, self.thread, self.moves)

    @cached_property
    def judgements(self) -> list[Judgement]:
        """The verdicts of judges on it, in order of creation."""
        from ..checkpoints.store.judgements import Judgements

        return list(Judgements(self._reader.store).list(source="thread", case_ids=[self.thread_id]))

    def summary(
        self, prices: PriceTable | str | Path | None = None, *, listed: bool = True
    ) -> dict[str, Any]:
        """What `segue threads --json` prints of it: {thread_id, session_id, status, turns, model_calls, tokens,
        cost_usd} and, with `listed`, {parent, run, created, goal, error}. Of many, `OpenStore.summaries` is quicker.

        Args:
            prices: YAML file with prices of other models, or a table read before.

        Raises:
            ConfigError: the file of prices cannot be used.
        """
        table = prices if isinstance(prices, PriceTable) else _prices(prices)
        row = thread_summary(self._reader, self.thread, self.channels, table)
        return row if listed else {name: row[name] for name in SHORT}

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
        """The whole tree that it belongs to: {thread_id, status, turns, fork, branches: [...]} of its trunk."""
        family = self._reader.threads.list(session=self.session_id)
        return tree_of(self.trunk.thread, family)

    @property
    def alternatives(self) -> dict[int, list[str]]:
        """Turn -> the threads that part there, the one that goes on as it was first."""
        return alternatives_of(self.thread, self._reader.threads.list(session=self.session_id))

    def history(self, turn: int | None = None) -> list[dict[str, Any]]:
        """Its checkpoints, oldest first: who acted on which turn, and what was written.

        Args:
            turn: only this one; 0 is the preparation.

        Returns:
            [{checkpoint_id, step, turn, agent, edited, outcome, calls, estimated, problems, adjusted, created, wrote}].
            `agent` is None for the input, `edited` is True where a branch set the state from outside, `estimated` is
            how many of the calls' tokens nobody counted, `problems` why answers were refused, `adjusted` what of the
            answer was put inside its bounds. Where a recommender was asked,
            `recommender` is {name, calls, words}.

        Raises:
            InputError: it was imported, so that there are none.
            NotFoundError: it has no such turn.
        """
        require_played(self.thread)
        found = [step for step in steps(self._reader.saver, self.thread_id) if step.after]
        estimated = self._reader.ledger.estimated(calls_behind(self.channels))
        rows = [history_row(step, estimated) for step in found]
        wanted = [row for row in rows if turn is None or row["turn"] == turn]
        if turn is not None and not wanted:
            raise self._no_turn(turn)
        return wanted

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
            return own_channels(find_state(self._reader.saver, self.thread_id, checkpoint))
        if turn is None:
            return own_channels(self.channels)
        found = [step for step in steps(self._reader.saver, self.thread_id) if "setup" in step.after]
        done = [step for step in found if turn_done(step) <= turn]
        if not done or turn > max(turn_done(step) for step in found):
            raise self._no_turn(turn)
        return own_channels(done[-1].after)

    def _no_turn(self, turn: int) -> NotFoundError:
        hint = f"`segue history {self.thread_id}` lists what it has"
        return NotFoundError(f"conversation {self.thread_id} has no turn {turn}", hint=hint)


_listed_prices = cache(load_prices)


def _prices(file: str | Path | None) -> PriceTable:
    return _listed_prices() if file is None else load_prices(Path(file))
