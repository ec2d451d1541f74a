"""Codes read by themselves are what the model gives them after codes that are missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.recommenders.talkplay.codes.modalities import MISSING
from segue.recommenders.talkplay.language.code_logs import code_logs
from support.recommenders.untrained import few_cards, untrained_model

torch = pytest.importorskip("torch", reason="language models need the extra talkplay")
for _name in ("transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")


def test_as_the_model_says_one_by_one(tmp_path: Path) -> None:
    made = untrained_model(tmp_path, few_cards())
    vocabulary = made.vocabulary
    prompts = [[3, 5, vocabulary.start], [7, vocabulary.start]]
    found = code_logs(made.model, vocabulary, prompts)
    assert found.shape == (2, 5, vocabulary.size) and code_logs(made.model, vocabulary, []).shape[0] == 0
    for row, prompt in zip(found, prompts, strict=True):
        read = list(prompt)
        for place in range(5):
            with torch.inference_mode():
                logs = made.model(input_ids=torch.tensor([read])).logits[0, -1].log_softmax(dim=-1).numpy()
            first = vocabulary.token(place, 0)
            assert np.allclose(row[place], logs[first : first + vocabulary.size], atol=1e-4)
            read.append(vocabulary.token(place, MISSING))
