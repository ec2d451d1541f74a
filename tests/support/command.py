"""`Command`: segue as a user runs it, in a folder of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from segue.cli.failure import run_app

KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "LANG", "TMPDIR", "OMP_NUM_THREADS")
"""Of the environment of the tests; nothing else of it reaches the command, keys least of all."""

TIME_LIMIT_S = 300


@dataclass(frozen=True)
class Finished:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects of stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def document(self) -> Any:
        """The one JSON document of stdout."""
        return json.loads(self.out)


@contextmanager
def placed(
    folder: Path, environ: Mapping[str, str], arguments: Sequence[object]
) -> Iterator[tuple[Callable[[], str], Callable[[], str]]]:
    """This process as a fresh one would be: folder, environment, command line; and what it then said."""
    before = Path.cwd(), dict(os.environ), sys.argv, sys.stdout, sys.stderr
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    read = [partial(_said, stream) for stream in streams]
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ["segue", *map(str, arguments)]
        sys.stdout, sys.stderr = streams
        yield read[0], read[1]
    finally:
        os.chdir(before[0])
        os.environ.clear()
        os.environ.update(before[1])
        sys.argv, sys.stdout, sys.stderr = before[2:]


def _said(stream: io.TextIOWrapper) -> str:
    data = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return str(data.decode("utf-8"))


@dataclass(frozen=True)
class Command:
    """Runs segue in `folder`, where `segue.db` is the default store."""

    folder: Path
    cache: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, code: int | Collection[int] = 0, **environ: str) -> Finished:
        """Run to the end inside the test's own process, which has imported everything before; its exit
        code must be `code`, or among them. Folder, environment and streams are those that a process would have."""
        with placed(self.folder, self.environment(environ), arguments) as (out, err):
            ended = run_app([str(argument) for argument in arguments])
        return self._finished(arguments, Finished(ended, out(), err()), code)

    def alone(self, *arguments: object, code: int = 0, **environ: str) -> Finished:
        """Run to the end in a process of its own."""
        done = subprocess.run(
            self.line(arguments),
            cwd=self.folder,
            env=self.environment(environ),
            capture_output=True,
            encoding="utf-8",
            timeout=TIME_LIMIT_S,
            check=False,
        )
        return self._finished(arguments, Finished(done.returncode, done.stdout, done.stderr), code)

    def _finished(
        self, arguments: tuple[object, ...], done: Finished, code: int | Collection[int]
    ) -> Finished:
        said = f"segue {' '.join(map(str, arguments))}\nstdout:\n{done.out}\nstderr:\n{done.err}"
        assert done.code in ((code,) if isinstance(code, int) else code), (
            f"exit code {done.code}, not {code}, of {said}"
        )
        return done

    @contextmanager
    def start(self, *arguments: object, **environ: str) -> Iterator[subprocess.Popen[str]]:
        """Start it and let it run; whatever is left of it at the end is killed."""
        with subprocess.Popen(
            self.line(arguments),
            cwd=self.folder,
            env=self.environment(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def write(self, text: str, name: str = "plan.yaml") -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def copied(self, folder: Path) -> Self:
        """The same in a copy of the folder, store included."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return type(self)(folder, self.cache, self.environ)

    def show(self, thread: str) -> dict[str, Any]:
        """The document of `show --json`."""
        shown: dict[str, Any] = self("show", thread, "--json").document
        return shown

    def line(self, arguments: tuple[object, ...]) -> list[str]:
        """The command line of a process."""
        return [sys.executable, "-m", "segue", *map(str, arguments)]

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """The environment of a process."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {"HOME": str(self.folder), "SEGUE_CACHE": str(self.cache), "PYTHONIOENCODING": "utf-8"}
        return {**kept, **own, **self.environ, **more}


def signalled(process: subprocess.Popen[str], ready: Callable[[], bool], number: int) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `process` after the signal, which is sent as soon as it is `ready`."""
    while not ready():
        assert process.poll() is None, f"it ended too soon: {process.communicate()}"
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=TIME_LIMIT_S)
    return process.returncode, out, err


@dataclass(frozen=True)
class Played:
    """A store with finished trunks. It may be shared: whoever writes works on a copy.

    Attributes:
        rows: what `run --json` printed.
        err: what `run` said on stderr.
    """

    command: Command
    rows: list[dict[str, Any]]
    err: str

    @property
    def thread(self) -> str:
        return str(self.rows[0]["thread_id"])
