"""Commands that need extras which are not installed: one error names them all, before anything is done."""

from __future__ import annotations

import pytest
from support.command import Command

EXTRAS = ("matplotlib", "pyarrow", "datasets", "huggingface_hub", "datasketch", "bm25s")
CLIENTS = ("langchain_openai", "langchain_ollama")


@pytest.fixture
def bare(command: Command) -> Command:
    """segue where no package of an extra can be imported."""
    for name in (*EXTRAS, *CLIENTS):
        command.write("raise ImportError('not installed')\n", f"absent/{name}.py")
    command.write("", "rows.parquet")
    return Command(command.folder, command.cache, {"PYTHONPATH": str(command.folder / "absent")})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "missing", "hint"),
    [
        ("export out", "matplotlib pyarrow datasets", "'segue[dataset,plots]', or do without pictures"),
        ("export out --no-pictures --push me/data", "pyarrow datasets huggingface-hub", "'segue[dataset]'"),
        ("audit --data rows.parquet", "datasketch bm25s pyarrow", "'segue[audits,dataset]', or --skip"),
        ("stats rows.parquet --plots out", "pyarrow matplotlib", "'segue[dataset,plots]'"),
        (
            "run --model openai:a --goal-model ollama:b --allow-unpriced",
            "langchain-openai langchain-ollama",
            "'segue[ollama,openai]'",
        ),
    ],
)
def test_all_that_is_missing_is_named_at_once(bare: Command, line: str, missing: str, hint: str) -> None:
    said = bare.alone(*line.split(), code=2).err
    assert all(f"needs {package}" in said for package in missing.split()) and "Traceback" not in said
    assert f"pip install {hint}" in said and not (bare.folder / "out").exists()
