"""TalkPlay from nothing to its scores: conversations, training data, codes, models, every system beside the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...catalog.opening import open_catalog
from ...core.errors import InputError
from ...core.tables import Table, counted
from ...evaluation.talkplay.evaluating import evaluate_next_track
from ...evaluation.talkplay.exact_matches import matches_table
from ...evaluation.talkplay.opened import opener
from ...evaluation.talkplay.plots import plot_losses
from ...evaluation.talkplay.report import NextTrackReport
from ...evaluation.talkplay.systems import BASELINES, OpenScorer
from ...recommenders.next_track.training_files import MANIFEST, read_training
from ...recommenders.talkplay.codes.blanking import without_modality
from ...recommenders.talkplay.codes.modalities import MODALITIES
from ...recommenders.talkplay.codes.track_codes import TrackCodes, codes_file
from ...recommenders.talkplay.language.trained_model import is_whole, read_about
from ...runs.settings.config import RunConfig
from ..playing import Events, Stopping
from .conversations import Say, played_conversations, simulated_conversations
from .data import talkplay_data
from .tokenizing import talkplay_tokenize
from .training import TrainingPlan, TrainSettings, talkplay_plan, talkplay_train

WHOLE: Final = "talkplay"
BY_TREE: Final = "tree of tuples"
LOOKED_UP: Final = "look-up of drawn codes"
PICTURES: Final = ("turns.png", "losses.png")


@dataclass(frozen=True)
class ModelVariant:
    """One model that is trained beside the whole one.

    Attributes:
        changes: of the settings.
        without: the modality whose codes it does not see.
    """

    name: str
    changes: Mapping[str, Any]
    without: str | None = None

    @property
    def folder(self) -> str:
        """Its name as that of a folder."""
        return self.name.replace(" ", "-")


VARIANTS: Final = (
    ModelVariant("without self-similarity", {"similarity": 0.0}),
    ModelVariant("without playlist rows", {"playlists": 0.0}),
    *(ModelVariant(f"without {name} codes", {}, name) for name in MODALITIES),
)
"""What the ablations leave out, each by itself."""


@dataclass(frozen=True)
class Reproduction:
    """What came of it.

    Attributes:
        scores: baselines, the whole model, and both together.
        ablations: the whole model first, then it by the tree of tuples and by the look-up, then each variant that was
            trained.
        validation: model -> loss on conversations of the validation part, epoch by epoch.
    """

    folder: Path
    scores: NextTrackReport
    ablations: NextTrackReport
    validation: Mapping[str, Sequence[Mapping[str, float]]]

    def to_json(self) -> dict[str, Any]:
        """System -> metric -> value and interval, and all else that the scores tell."""
        return {
            "folder": str(self.folder),
            **self.scores.to_json(),
            "ablations": self.ablations.to_json(),
            "losses": {name: [dict(each) for each in curves] for name, curves in self.validation.items()},
        }

    def tables(self) -> Sequence[Table]:
        """The scores, then what each ablation changes, and how often a drawn sequence is a track."""
        ablated = self.ablations
        return [*self.scores.tables(), *ablated.tables()[:2], matches_table(ablated.matches)]

    def plot(self, folder: str | Path) -> list[Path]:
        """Draw scores by turn (`turns.png`), and losses with and without self-similarity (`losses.png`); say where.

        Raises:
            ConfigError: there is no such folder, or matplotlib is not installed.
        """
        compared = (WHOLE, VARIANTS[0].name)
        losses = plot_losses({name: self.validation[name] for name in compared if name in self.validation})
        paths = [Path(folder) / name for name in PICTURES]
        for path, drawn in zip(paths, (self.scores.plot(), losses), strict=True):
            drawn.save(path)
        return paths


def talkplay_reproduce(
    out: str | Path,
    played: RunConfig | None = None,
    *,
    settings: TrainSettings | None = None,
    ablations: bool = True,
    simulated: int = 0,
    say: Say | None = None,
) -> Reproduction:
    """Do all of it in a folder: play conversations, divide them, make codes, train, and score every system.

    The same call goes on where one was ended.

    Args:
        out: the folder.
        played: the conversations; by default one model writes 17 on each session of the demo catalogue.
        settings: of the models.
        ablations: train a model without each part, too: seven more, and as much time for each.
        simulated: sessions that walks make of what tracks have in common; on each a further conversation is played, to
            learn from alone.
        say: is told what goes on.

    Raises:
        SegueError: a stage cannot be done; those before it are kept.
    """
    work = TalkPlayWork(
        Path(out), played or DEFAULT_PLAYED, settings or TrainSettings(), ablations, simulated
    )
    told = say or _nothing
    plan = work.make_ready(told)
    told(f"{counted(len(work.models), 'model')} to train, about {plan.hours * len(work.models):.1f} hours")
    return work.finish(told)


def _nothing(_: str) -> None:
    """Nobody is told."""


DEFAULT_PLAYED: Final = RunConfig(
    name="talkplay", pipeline="single", sessions=46, repeats=17, modalities=("text",)
)
"""As many as the demo catalogue has sessions, each as often as it takes to have 782 conversations."""


@dataclass(frozen=True)
class TalkPlayWork:
    """A reproduction in a folder, stage by stage. What a stage has finished is found there by the same call.

    Attributes:
        played: the conversations that are made, by whom and from what.
        settings: of the models.
        ablations: whether each variant is trained, too.
        simulated: sessions, on each of which one further conversation is played, to learn from alone.
    """

    folder: Path
    played: RunConfig
    settings: TrainSettings
    ablations: bool = True
    simulated: int = 0

    @property
    def models(self) -> Sequence[ModelVariant]:
        """The whole one, then its variants."""
        return (ModelVariant(WHOLE, {}), *(VARIANTS if self.ablations else ()))

    def make_ready(
        self, say: Say, events: Events | None = None, stopping: Stopping | None = None
    ) -> TrainingPlan:
        """Conversations, training data and codes; what a model will take.

        Raises:
            SegueError: a stage cannot be done; those before it are kept.
        """
        divided = (self._data / MANIFEST).exists()
        if divided:
            self._require_as_divided()
        played_conversations(self.played, self._store, say, events, stopping)
        more = []
        if self.simulated:
            heard = events, stopping
            more.append(simulated_conversations(self.folder, self.played, self.simulated, say, *heard))
        if not divided:
            say("conversations are divided by session")
            options: dict[str, Any] = {"catalog": self.played.catalog, "seed": self.played.seed}
            talkplay_data(self._data, more=more, store=self._store, **options)
        for variant in self.models:
            self._tokenize(variant, say)
        return talkplay_plan(self._codes(self.models[0]), self._data, settings=self.settings)

    def _require_as_divided(self) -> None:
        """See that conversations on simulated sessions are among those that were divided only if they are asked for."""
        if bool(read_training(self._data).origin.more) != bool(self.simulated):
            told = "without" if self.simulated else "with"
            raise InputError(
                f"{self._data}: these data were made {told} simulated sessions",
                hint="another folder, or --simulated as it was",
            )

    def finish(self, say: Say, advance: Callable[[str], None] | None = None) -> Reproduction:
        """Train what is not trained yet, and score all of it. Raises as `make_ready`."""
        for variant in self.models:
            folder = self._model(variant)
            if not is_whole(folder):
                say(f"training {variant.name}")
                changed = self.settings.model_copy(update=variant.changes)
                talkplay_train(self._codes(variant), self._data, folder, settings=changed, advance=advance)
        say("scoring")
        return Reproduction(self.folder, self._scores(), self._ablated(), dict(self._losses()))

    def _tokenize(self, variant: ModelVariant, say: Say) -> None:
        folder = self._codes(variant)
        if codes_file(folder).exists():
            return
        if variant.without is None:
            say("tracks become codes")
            talkplay_tokenize(folder, data=self._data, seed=self.settings.seed)
        else:
            whole = TrackCodes.read(self._codes(self.models[0]))
            without_modality(whole, variant.without).write(folder)

    def _scores(self) -> NextTrackReport:
        return self._evaluated((*BASELINES, WHOLE), [WHOLE])

    def _ablated(self) -> NextTrackReport:
        names = [WHOLE, BY_TREE, LOOKED_UP, *(variant.name for variant in self.models[1:])]
        return self._evaluated(names, names)

    def _evaluated(self, systems: Sequence[str], trained: Sequence[str]) -> NextTrackReport:
        data = read_training(self._data)
        catalog = open_catalog(data.origin.catalog)
        known = {BY_TREE: "(decode='trie')", LOOKED_UP: "(decode='lookup')"}
        folders = {variant.name: self._model(variant) for variant in self.models}
        opened: dict[str, OpenScorer] = {
            name: opener(
                f"talkplay:{folders.get(name, self._model(self.models[0]))}{known.get(name, '')}", catalog
            )
            for name in trained
        }
        return evaluate_next_track(data, catalog, tuple(systems), trained=opened)

    def _losses(self) -> Iterator[tuple[str, Sequence[Mapping[str, float]]]]:
        for variant in self.models:
            yield variant.name, read_about(self._model(variant))["curves"]

    @property
    def _store(self) -> str:
        return f"sqlite:///{self.folder / 'conversations.db'}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _codes(self, variant: ModelVariant) -> Path:
        return self.folder / "codes" / (variant.without or "all")

    def _model(self, variant: ModelVariant) -> Path:
        return self.folder / "models" / variant.folder
