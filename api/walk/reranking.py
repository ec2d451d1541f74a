"""Which conversations a reranker learns from, and how it comes to lie beside its encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...core.errors import ConfigError, InputError
from ...core.hashing import digest_of
from ...evaluation.walk.cpcd import CpcdTask
from ...evaluation.walk.reranked import fitted_on_dialogs
from ...recommenders.dual_encoder.learning import Lesson, Say
from ...recommenders.dual_encoder.model_folder import EncoderCard, load_encoder, read_card
from ...recommenders.dual_encoder.reranker.card import RERANKER_VERSION
from ...recommenders.dual_encoder.reranker.folder import keep_reranker, load_trees
from ...recommenders.dual_encoder.reranker.walked import MOST, fitted_on_walks
from ...recommenders.dual_encoder.reranking import RankingTrees
from ...recommenders.embeddings.sentences import sentence_texts
from ...recommenders.walk.cpcd.dialogs import CpcdDialog, read_dialogs
from ...recommenders.walk.cpcd.items import CpcdItems
from .folds import folds_of

WALKED: Final = "walked"


@dataclass(frozen=True)
class RerankerSource:
    """What rerankers learn from.

    Attributes:
        dialogs: conversations between people; none for walked ones.
        folds: of the dialogs.
        sentences: a model of sentence-transformers that they read, too.
    """

    dialogs: tuple[CpcdDialog, ...]
    folds: int
    seed: int
    sentences: str | None = None

    @property
    def walked(self) -> bool:
        return not self.dialogs

    def keep(self, folder: Path, lesson: Lesson, say: Say) -> EncoderCard:
        """Fit one for the encoder in a folder and keep it there, unless it is there already.

        Raises:
            ConfigError: another one is there, or there is nothing to learn from.
        """
        told = [RERANKER_VERSION, lesson.identity, self.seed]
        told += [MOST] if self.walked else [[each.model_dump() for each in self.dialogs], self.folds]
        told += [] if self.sentences is None else [sentence_texts(self.sentences).digest]
        identity, card = digest_of(told), read_card(folder)
        if card.reranker is not None and card.reranker.identity == identity:
            load_trees(folder)  # what is damaged is told of
            return card
        if card.reranker is not None:
            hint = "give another folder, or --overwrite to train all of it anew"
            raise ConfigError(f"{folder} holds a reranker that was fitted otherwise", hint=hint)
        whose = WALKED if self.walked else "people's"
        say(f"reranker, on {whose} conversations")
        if self.walked:
            fitted = fitted_on_walks(lesson, load_encoder(folder), self.sentences)
        else:
            fold_of = folds_of([each.id for each in self.dialogs], self.folds)
            task = CpcdTask(self.dialogs, CpcdItems.of_dialogs(self.dialogs))
            fitted = fitted_on_dialogs(task, folder, fold_of, self.folds, self.seed, self.sentences)
        return keep_reranker(folder, identity, fitted, self.seed)


def sentences_named(encoder: str | Path | None) -> str | None:
    """A model of sentence-transformers as a user names it; of a folder where it lies, for later.

    Raises:
        ConfigError: it is not at hand, or the package is missing.
    """
    if encoder is None:
        return None
    name = str(Path(encoder).resolve() if Path(encoder).is_dir() else encoder)
    sentence_texts(name)
    return name


def reranker_source(
    rerank: str | Path, learned: Sequence[CpcdDialog], folds: int, seed: int, sentences: str | None
) -> RerankerSource:
    """What a user names: `walked`, or CPCD's dialogs.

    Args:
        learned: dialogs whose playlists the encoder learns from.
        sentences: see `RerankerSource`.

    Raises:
        InputError: the dialogs cannot be read, lead to nothing, or are known to every encoder.
        ConfigError: lightgbm is not installed.
    """
    RankingTrees(seed)
    if str(rerank) == WALKED:
        return RerankerSource((), 0, seed, sentences)
    dialogs = read_dialogs(Path(rerank))
    if not CpcdTask(dialogs, CpcdItems.of_dialogs(dialogs)).turns:
        raise InputError(
            f"{rerank}: no conversation came to a playlist, so that nothing can be learned from it"
        )
    known = {each.id for each in learned}
    if not folds and any(each.id in known for each in dialogs):
        raise ConfigError(
            "--rerank: the encoder learns from the playlists of these very dialogs",
            hint="with --folds 5 each is looked at by an encoder that has not seen its playlist",
        )
    return RerankerSource(dialogs, folds, seed, sentences)
