"""`InProcess`: the command line inside the test's own process, for tests of what it says rather than how it dies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from segue.cli.failure import run_app

from .command import Finished


@dataclass(frozen=True)
class InProcess:
    """Runs segue in `folder`, where `segue.db` is the default store, with an environment of its own."""

    folder: Path
    cache: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object, code: int = 0, **environ: str) -> Finished:
        """Run to the end; the exit code must be `code`."""
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {"SEGUE_CACHE": str(self.cache), **environ}.items():
                patch.setenv(name, value)
            self.captured.readouterr()
            ended = run_app([str(argument) for argument in arguments])
            out, err = self.captured.readouterr()
        said = f"segue {' '.join(map(str, arguments))}\nstdout:\n{out}\nstderr:\n{err}"
        assert ended == code, f"exit code {ended}, not {code}, of {said}"
        return Finished(ended, out, err)

    def write(self, text: str, name: str = "plan.yaml") -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
