"""A PostgreSQL server of our own on a loopback port, for tests and benchmarks; nothing outside its folder is used."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_INSTALLED = "/usr/lib/postgresql"
_ACCOUNT = "postgres"
_TRIES = 3


class NoServerError(Exception):
    """No PostgreSQL server can be started here; the text says why."""


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`, the newest version first. Raises `NoServerError`."""
    versions = sorted(Path(_INSTALLED).glob("*/bin"), key=lambda p: float(p.parent.name or 0), reverse=True)
    for folder in versions:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    if found is None:
        raise NoServerError("no PostgreSQL server is installed (apt-get install postgresql)")
    return Path(found).resolve().parent


def _as_account() -> list[str]:
    """What to put in front of a command: the server refuses to run as root."""
    if os.geteuid() != 0:
        return []
    try:
        account = pwd.getpwnam(_ACCOUNT)
    except KeyError as error:
        raise NoServerError(f"root cannot run PostgreSQL, and there is no user {_ACCOUNT!r}") from error
    setpriv = shutil.which("setpriv")
    if setpriv is not None:
        ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        return [setpriv, *ids, "--"]
    runuser = shutil.which("runuser", path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
    if runuser is None:
        raise NoServerError("root cannot run PostgreSQL, and neither setpriv nor runuser is here")
    return [runuser, "-u", _ACCOUNT, "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], folder: Path) -> None:
    log = folder / "command.log"
    with log.open("ab") as out:
        done = subprocess.run(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=folder, check=False
        )
    if done.returncode != 0:
        raise NoServerError(f"{command[-1]}: {log.read_text(errors='replace')[-2000:]}")


@contextmanager
def server() -> Iterator[str]:
    """Start a server in a new folder; the URL of its first database. It is gone afterwards.

    Raises:
        NoServerError: there is none to start.
    """
    binaries, account = find_binaries(), _as_account()
    folder = Path(tempfile.mkdtemp(prefix="segue-postgres-"))
    try:
        if account:
            shutil.chown(folder, _ACCOUNT)
        data = str(folder / "data")
        options = ["-U", "segue", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        _run([*account, str(binaries / "initdb"), *options, "-D", data], folder)
        control = [*account, str(binaries / "pg_ctl"), "-D", data]
        port = _start(control, folder)
        try:
            yield f"postgresql://segue@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "-w", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(control: list[str], folder: Path) -> int:
    """Start on a free port; another program may take the port first, so more than one is tried."""
    for left in reversed(range(_TRIES)):
        port = _free_port()
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        )
        try:
            _run([*control, "-l", str(folder / "server.log"), "-o", options, "-w", "start"], folder)
        except NoServerError:
            if not left:
                raise
            continue
        return port
    raise AssertionError("unreachable")


def new_database(server_url: str, name: str, template: str = "template0") -> str:
    """Make a database of that name, empty or like another one, in place of one that is there; its URL."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server_url.rpartition("/")[0] + "/" + name


def emptied_database(server_url: str, name: str) -> str:
    """A database of that name without anything in it, made where there is none; its URL. Many times quicker than a
    new one, which is three hundred files."""
    url = server_url.rpartition("/")[0] + "/" + name
    with psycopg.connect(server_url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return new_database(server_url, name)
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [name]
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url
