"""The saver's rows checked for damage, and swept of what nothing names any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ...core.errors import CorruptionError
from .database.database import Database
from .database.lines import CheckpointLine, CheckpointRow, find_lines, optional, read_manifests
from .database.statements import Statements
from .packing.bodies import SLOTS, open_pack, open_writes, packs_of, read_manifest
from .packing.encoding import decode_id
from .packing.values import Recipe, pieces_of
from .removal import removing


@dataclass(frozen=True)
class Damage:
    """Something damaged. `threads` are those that cannot be read whole because of it, in order."""

    what: str
    threads: tuple[str, ...] = ()


@dataclass
class LineContent:
    """What one line's own rows hold.

    Attributes:
        packs: numbers of the packs that hold their chunks.
        problems: what cannot be read, one sentence each.
    """

    line: CheckpointLine
    packs: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, recipe: Recipe) -> None:
        """Take the packs of one value into account."""
        for piece in pieces_of(recipe):
            if isinstance(piece, range):
                self.packs.update(packs_of(piece))


@dataclass(frozen=True)
class CheckpointReport:
    """What `check_checkpoints` found: how many lines and packs there are, packs that nothing names, damage."""

    lines: int
    packs: int
    unused_packs: int
    damage: tuple[Damage, ...]


def check_checkpoints(db: Statements) -> CheckpointReport:
    """Read every checkpoint, write and pack and compare it with its digest. Nothing is changed."""
    contents = list(_contents(db))
    heirs = _heirs(contents)
    damage = [Damage(text, heirs[one.line.own]) for one in contents for text in one.problems]
    wrong, packs = _check_packs(db)
    damage += _touched(wrong, packs, contents, heirs)
    used = set[int]().union(*(one.packs for one in contents))
    return CheckpointReport(len(contents), len(packs), len(packs - used), tuple(damage))


def sweep(database: Database) -> int:
    """Remove the packs of which nothing names a chunk; how many. Nobody else writes meanwhile.

    Raises:
        CorruptionError: something cannot be read, so that it is not known what it names. Nothing is removed.
    """
    with removing(database) as db:
        used: set[int] = set()
        for one in _contents(db):
            if one.problems:
                raise CorruptionError(
                    f"thread {one.line.thread_id!r} is damaged, so what it needs is not known: {one.problems[0]}",
                    hint="`segue store check` lists the damage; delete the thread or restore a backup",
                )
            used |= one.packs
        packs = {row[0] for row in db.execute("SELECT pack FROM pack").fetchall()}
        unused = sorted(packs - used)
        db.change_among("DELETE FROM pack WHERE pack {}", unused)
        db.change_among(f"DELETE FROM chunk WHERE chunk / {SLOTS} {{}}", unused)
    return len(unused)


def packs_of_threads(db: Statements, thread_ids: Collection[str]) -> set[int]:
    """The packs that only these threads' own rows name."""
    named: dict[bool, set[int]] = {True: set(), False: set()}
    for one in _contents(db):
        named[one.line.thread_id in thread_ids] |= one.packs
    return named[True] - named[False]


def thread_ids(database: Database) -> list[str]:
    """Every thread that has checkpoints or writes, in the order in which they began."""
    with database.read() as connection:
        lines = find_lines(Statements(connection), None, None)
    return list(dict.fromkeys(line.thread_id for line in lines))


def _contents(db: Statements) -> Iterator[LineContent]:
    """Every line. What is damaged becomes a problem of its line; the rest is read."""
    for line in find_lines(db, None, None):
        content = LineContent(line)
        for raw in _manifests(db, content).values():
            for recipe in read_manifest(raw).channels.values():
                content.add(recipe)
        _add_writes(db, content)
        yield content


def _manifests(db: Statements, content: LineContent) -> dict[bytes, bytes]:
    """The manifests that can be read; the others are noted."""
    sql = "SELECT id, parent, depth, body FROM checkpoint WHERE line = ? ORDER BY id"
    found = db.execute(sql, (content.line.own,)).fetchall()
    rows = [CheckpointRow(bytes(i), optional(p), d, b) for i, p, d, b in found]
    try:
        return read_manifests(db, content.line, rows)
    except CorruptionError:
        readable: dict[bytes, bytes] = {}
    for row in rows:
        try:
            readable[row.id] = read_manifests(db, content.line, [row])[row.id]
        except CorruptionError as error:
            content.problems.append(f"checkpoint {decode_id(row.id)}: {error.message}")
    return readable


def _add_writes(db: Statements, content: LineContent) -> None:
    sql = "SELECT id, body FROM pending_write WHERE line = ?"
    for key, body in db.execute(sql, (content.line.own,)).fetchall():
        try:
            for _, _, recipe in open_writes(db.codec, bytes(body))[1]:
                content.add(recipe)
        except CorruptionError as error:
            content.problems.append(f"writes after checkpoint {decode_id(bytes(key))}: {error.message}")


def _heirs(contents: Sequence[LineContent]) -> dict[int, tuple[str, ...]]:
    """Line -> the threads that see its rows: its own and those forked from it."""
    heirs: dict[int, set[str]] = {}
    for one in contents:
        for segment in one.line.segments:
            heirs.setdefault(segment.line, set()).add(one.line.thread_id)
    return {line: tuple(sorted(threads)) for line, threads in heirs.items()}


def _check_packs(db: Statements) -> tuple[dict[int, str], set[int]]:
    """Number -> what is wrong with that pack; and the numbers of all packs."""
    wrong: dict[int, str] = {}
    numbers = {row[0] for row in db.execute("SELECT pack FROM pack").fetchall()}
    for number, data in db.among("SELECT pack, data FROM pack WHERE pack {}", sorted(numbers)):
        try:
            open_pack(db.codec, number, bytes(data))
        except CorruptionError as error:
            wrong[number] = error.message
    return wrong, numbers


def _touched(
    wrong: dict[int, str], packs: set[int], contents: Sequence[LineContent], heirs: dict[int, tuple[str, ...]]
) -> Iterator[Damage]:
    """Packs that are damaged or missing, each with the threads that need it."""
    all_wrong = dict(wrong)
    for one in contents:
        all_wrong |= {number: f"pack {number} is missing" for number in one.packs - packs}
    for number, text in sorted(all_wrong.items()):
        threads = {thread for one in contents if number in one.packs for thread in heirs[one.line.own]}
        yield Damage(text, tuple(sorted(threads)))
