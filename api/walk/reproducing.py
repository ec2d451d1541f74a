"""Talk the Walk's study on what is at hand: encoders of several kinds, trained by folds and scored side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...core.settings import require_bounds
from ...core.tables import Table
from ...evaluation.walk.cpcd import CpcdTask, Rankings
from ...evaluation.walk.encoders import encoded_rankings
from ...evaluation.walk.evaluating import scored, task_of, untrained
from ...evaluation.walk.report import CpcdReport
from ...evaluation.walk.reranked import reranked
from ...evaluation.walk.systems import rankings_of
from ...recommenders.dual_encoder.encoder_settings import EncoderSettings
from ...recommenders.walk.cpcd.dialogs import CpcdDialog, read_dialogs
from .reranking import sentences_named
from .training import MOST_FOLDS, encoder_settings, lessons_of

MEASURED: Final = ("hit@1", "hit@10", "hit@100", "mrr@100", "recall@100")
SECONDS: Final = (16.0, 0.0025)
"""Of one processor for one encoder: without a conversation, and more for each. Measured on a small machine."""
MAIN: Final = "walk"
SENTENCES: Final = "walk-rerank with sentences"


@dataclass(frozen=True)
class WalkVariant:
    """One kind of encoder. `against`: the system that it is compared with."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    playlists: bool = True
    against: str = MAIN


@dataclass(frozen=True)
class WalkStudy:
    """What came of it: scores of all systems on the same turns.

    Attributes:
        report: of all systems; the first is BM25.
        against: system -> the one that it is compared with, by what one of the two lacks.
    """

    report: CpcdReport
    against: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """`systems`: system -> metric -> value and interval; `differences` the same of how much higher each is than
        what it is compared with."""
        first = next(iter(self.report.systems.values()))
        return {
            "items": self.report.tracks,
            "dialogs": len(first.by_dialog),
            "turns": len(first.by_turn),
            "systems": {
                name: {score: self.report.estimate(name, score).to_json() for score in MEASURED}
                for name in self.report.systems
            },
            "differences": {
                name: {"against": base}
                | {score: self.report.difference(name, base, score).to_json() for score in MEASURED}
                for name, base in self.against.items()
            },
        }

    def tables(self) -> Sequence[Table]:
        """Scores with intervals, and differences."""
        shown = MEASURED[:3]
        scores = [
            [name, *(str(self.report.estimate(name, score)) for score in shown)]
            for name in self.report.systems
        ]
        apart = [
            [name, base, *(str(self.report.difference(name, base, score)) for score in shown)]
            for name, base in self.against.items()
        ]
        return [
            Table(("system", *shown), scores, shown, "macro, over dialogs, with intervals at 95 %"),
            Table(("system", "more than", *shown), apart, shown, "differences"),
        ]


def walk_reproduce(
    out: str | Path,
    cpcd: str | Path,
    catalogs: Sequence[str | Path] = (),
    *,
    tags: Sequence[str | Path] = (),
    sizes: Sequence[int] = (100, 1000, 10_000),
    folds: int = 5,
    ablations: bool = True,
    with_clusters: bool = False,
    sentence_encoder: str | Path | None = None,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
    **settings: Any,
) -> WalkStudy:
    """Train encoders by folds and score them on CPCD: as they are, with random slates in place of walks, with bare
    wording, untrained, without CPCD's playlists and by walks without sound (where there are catalogues), on more and
    fewer conversations; beside BM25, both together, and reranked. The same command goes on where it ended.

    Args:
        out: folder of the encoders.
        sizes: further numbers of conversations.
        ablations: all kinds of encoders; otherwise the one that is not changed.
        with_clusters: scored on the conversations that say which tracks are versions of a song, against their tracks.
        sentence_encoder: a model of sentence-transformers, by its folder or name; with it one more system, a reranker
            that reads it.
        settings: fields of `EncoderSettings`. All else as `walk_train` takes it.

    Raises:
        InputError: something cannot be read, a setting is wrong, or a folder in `out` holds another encoder.
    """
    _require_sizes(folds, sizes)
    sentences = sentences_named(sentence_encoder)
    chosen, tell = encoder_settings(settings), say or (lambda _: None)
    dialogs = read_dialogs(Path(cpcd))
    task = task_of(dialogs, Path(cpcd), with_clusters=with_clusters)
    variants = list(_variants(sizes, bool(catalogs), chosen)) if ablations else [WalkVariant(MAIN)]
    tell(_announced(variants, folds, chosen))
    for variant in variants:
        _train(Path(out), variant, dialogs, catalogs, tags, folds, chosen, seed, tell)
    rankings = dict(_rankings(task, Path(out), variants, tell, seed, sentences))
    return WalkStudy(scored(task, rankings, seed=seed), _compared(variants, sentences is not None))


def _compared(variants: Sequence[WalkVariant], sentences: bool) -> dict[str, str]:
    """System -> what it is compared with."""
    against = {each.name: each.against for each in variants if each.name != MAIN}
    against |= {MAIN: "bm25", "walk-hybrid": "bm25", "walk-rerank": "walk-hybrid"}
    return against | ({SENTENCES: "walk-rerank"} if sentences else {})


def _require_sizes(folds: int, sizes: Sequence[int]) -> None:
    require_bounds("folds", folds, 2, MOST_FOLDS)
    for size in sizes:
        require_bounds("size", size, 1, 1_000_000)


def _variants(sizes: Sequence[int], outside: bool, settings: EncoderSettings) -> Iterator[WalkVariant]:
    yield WalkVariant(MAIN)
    yield WalkVariant("random slates", {"slates": "random"})
    yield WalkVariant("bare wording", {"wording": "bare"})
    yield WalkVariant("untrained", {"conversations": 0})
    if outside:
        yield WalkVariant("without playlists", playlists=False)
        yield WalkVariant("without sound", {"sound": False})
    for size in dict.fromkeys(sizes):
        if size != settings.conversations:
            yield WalkVariant(f"{size} conversations", {"conversations": size})


def _announced(variants: Sequence[WalkVariant], folds: int, settings: EncoderSettings) -> str:
    least, each = SECONDS
    total = sum(
        (folds if variant.playlists else 1)
        * (least + each * variant.settings.get("conversations", settings.conversations))
        for variant in variants
    )
    count = sum(folds if variant.playlists else 1 for variant in variants)
    return (
        f"{count} encoders to train, about {total / 60:.0f} minutes of one processor; no model is asked, "
        "so that it costs nothing"
    )


def _train(
    out: Path,
    variant: WalkVariant,
    dialogs: Sequence[CpcdDialog],
    catalogs: Sequence[str | Path],
    tags: Sequence[str | Path],
    folds: int,
    settings: EncoderSettings,
    seed: int,
    tell: Callable[[str], None],
) -> None:
    chosen = settings.model_copy(update=dict(variant.settings))
    known = dialogs if variant.playlists else ()
    lessons = lessons_of(catalogs, known, tags, folds, chosen, seed)
    for name, lesson in lessons.items():
        if name or not known:
            tell(f"{variant.name}{f', {name}' if name else ''}")
            lesson.learn(_folder(out, variant) / name)


def _folder(out: Path, variant: WalkVariant) -> Path:
    return out / variant.name.replace(" ", "-")


def _rankings(
    task: CpcdTask,
    out: Path,
    variants: Sequence[WalkVariant],
    tell: Callable[[str], None],
    seed: int,
    sentences: str | None,
) -> Iterator[tuple[str, Rankings]]:
    main = out / MAIN
    tell("scores")
    yield "bm25", rankings_of(task, untrained("bm25", task.items.table))
    for variant in variants:
        yield variant.name, encoded_rankings(task, _folder(out, variant))
    yield "walk-hybrid", encoded_rankings(task, main, with_words=True)
    yield "walk-rerank", reranked(task, main, seed=seed)
    if sentences is not None:
        tell("sentences")
        yield SENTENCES, reranked(task, main, seed=seed, sentences=sentences)
