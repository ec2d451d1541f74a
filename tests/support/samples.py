"""The samples of a document: indented and fenced blocks, the commands in them, and what those are said to print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

INDENT = "    "
SHELL = ("$ ", "segue ", "pip ", "export ", "make ", "python3 ", ". ")
ELIDED = re.compile(r"\.\.\.|…")
VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"), "<time>"),
    (re.compile(r"prices of \S+, genai-prices [\d.]+"), "<prices>"),
)
"""What is another one on another day: when something was done, and the list of prices that is installed."""
TOLD_BY_TIME = re.compile(r"^\w+: \d+ of \d+ have ended")


@dataclass(frozen=True)
class Sample:
    """One block of a document; `language` is that of a fence, else empty."""

    document: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def first(self) -> str:
        return self.text.splitlines()[0]

    @property
    def is_shell(self) -> bool:
        return self.language in ("", "console") and self.first.startswith(SHELL)

    @property
    def steps(self) -> list[tuple[str, list[str]]]:
        """(a command, the lines that it is said to print). Where one has a `$`, lines without are printed."""
        marked = any(line.startswith("$ ") for line in self.text.splitlines())
        found: list[tuple[str, list[str]]] = []
        for line in self.text.replace("\\\n", "").splitlines():
            if line.startswith("$ ") or not marked:
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
        return found


def samples(document: Path) -> Iterator[Sample]:
    """All blocks of a Markdown document, in order."""
    lines = [*document.read_text("utf-8").splitlines(), "end"]
    begun, fence, kept = 0, None, list[str]()
    for number, line in enumerate(lines, 1):
        if line.startswith("```") and fence is None and not kept:
            fence, begun = line.removeprefix("```"), number
        elif fence is not None and line != "```":
            kept.append(line)
        elif fence is None and line.startswith(INDENT) and (kept or not lines[number - 2].strip()):
            begun = begun if kept else number
            kept.append(line.removeprefix(INDENT))
        elif fence is None and kept and not line.strip():
            kept.append("")
        elif kept:
            yield Sample(document.name, begun, fence or "", "\n".join(kept).rstrip() + "\n")
            fence, kept = None, []


def words(command: str) -> list[str]:
    """The words of a command line, without the comment after it."""
    return shlex.split(command, comments=True)


def missing(shown: Sequence[str], *streams: str, varies: str = "") -> list[str]:
    """The lines of a sample that were not printed, in their order, on one of the streams; and, where the sample
    leaves nothing out (a line of dots), the lines that were printed and are not shown. What matches
    `varies` may differ."""
    if varies:
        shown, *streams = (re.sub(varies, "<>", each) for each in ("\n".join(shown), *streams))
        return missing(shown.splitlines(), *streams)
    printed = [list(filter(_told, map(_same, stream.splitlines()))) for stream in streams]
    left, whole, lost = [list(lines) for lines in printed], True, []
    for line in filter(_told, map(_same, shown)):
        if not ELIDED.sub("", line).strip():
            whole = False
        elif not _take(line, left):
            lost.append(line)
    unseen = [line for lines in printed for line in lines if not any(_fits(_same(s), line) for s in shown)]
    return lost + ([f"not shown: {line}" for line in unseen] if whole and shown else [])


def _take(line: str, left: list[list[str]]) -> bool:
    for lines in left:
        for number, printed in enumerate(lines):
            if _fits(line, printed):
                del lines[: number + 1]
                return True
    return False


def _fits(line: str, printed: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, ELIDED.split(line))), printed) is not None


def _same(line: str) -> str:
    for pattern, instead in VARIES:
        line = pattern.sub(instead, line)
    return line.rstrip()


def _told(line: str) -> bool:
    return bool(line) and TOLD_BY_TIME.match(line) is None
