"""One data folder and the server on it: initdb, pg_ctl and postmaster.pid."""

from __future__ import annotations

import os
import re
import shlex
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql

from ledger.postgres.accounts import Account, run_as
from ledger.postgres.binaries import Binaries
from ledger.postgres.errors import (
    FolderUnusable,
    InitFailed,
    ServerDidNotStart,
    ServerDidNotStop,
    SocketUnusable,
)

OWNER: Final = "caseledger_owner"
DATABASE: Final = "caseledger"
PORT: Final = 5432
"""Only a part of the socket's file name: no TCP port is opened."""

_CONNECT_TIMEOUT_SECONDS: Final = 5
_LOG_BYTES_READ: Final = 16_384
_LOG_LINES_QUOTED: Final = 20

# sun_path holds 108 bytes on Linux and 104 on macOS, one of them a final NUL.
SOCKET_PATH_BYTES_MAX: Final = 107 if sys.platform == "linux" else 103
_SOCKET_NAME: Final = f".s.PGSQL.{PORT}"
# libpq splits a host at commas, SQLAlchemy at colons; the server quotes with quotation marks.
_UNFIT_FOR_SOCKET: Final = re.compile(r'[,:"\x00-\x1f\ud800-\udfff]')

_SETTINGS_FILE: Final = "caseledger.conf"
_INCLUDE_SETTINGS: Final = f"include_if_exists = '{_SETTINGS_FILE}'"
_SETTINGS: Final = """\
# Written anew at each start of the embedded server; ALTER SYSTEM overrides it.
listen_addresses = ''
port = {port}
unix_socket_directories = '"{socket_folder}"'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100

fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = '256MB'
# With the default of 1 GB an import would checkpoint all the time.
max_wal_size = '4GB'
min_wal_size = '256MB'
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

# One file for each day of the week, begun afresh when the day comes round again.
logging_collector = on
log_destination = 'stderr'
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_file_mode = 0600
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] '
# Statements, their parameters and the details of their errors may be personal data.
log_statement = 'none'
log_min_duration_statement = -1
log_min_error_statement = 'panic'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = 'terse'
"""

# What a server says when processes of the one before it still hold its shared memory.
_PREDECESSOR_LIVES: Final = re.compile(
    r"shared memory block .* is still in use|lock file .* already exists"
)
_NO_SOCKET: Final = re.compile(r"could not create .*Unix-domain socket")


@dataclass(frozen=True, slots=True)
class Server:
    """A living server, as it describes itself in postmaster.pid."""

    pid: int
    in_sight: bool
    """False for a server that answers, and is no process that can be seen from here."""
    socket_folder: Path | None
    port: int
    phase: str
    """"starting", "ready", "stopping", or empty before any of these."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A version folder, the data in it, and the account that both belong to."""

    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder; it is there only when it is complete."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The folder of the server's log."""
        return self.folder / "log"

    @property
    def socket_folder(self) -> Path:
        """Where the socket goes, if the path is not too long for one."""
        return self.folder / "socket"

    def version(self) -> str:
        """The major version that made the data: "18"."""
        return (self.data / "PG_VERSION").read_text().strip()

    def server(self) -> Server | None:
        """The server that runs on this data, whoever started it."""
        try:
            lines = (self.data / "postmaster.pid").read_bytes().splitlines()
        except FileNotFoundError:
            return None
        values = [os.fsdecode(line).strip() for line in lines] + [""] * 8
        pid, _, _, port, socket_folder, _, _, phase = values[:8]
        if not re.fullmatch(r"-?\d+", pid):
            return None
        described = Server(
            # Negative while somebody works on the data in single-user mode.
            pid=abs(int(pid)),
            in_sight=True,
            socket_folder=Path(socket_folder) if socket_folder else None,
            port=int(port) if port.isdecimal() else PORT,
            phase=phase,
        )
        # The pid alone proves nothing: after a crash, or in a new container, it is anybody's.
        if _is_postgres_in(self.data, described.pid):
            return described
        if described.socket_folder and _answers(
            described.socket_folder / f".s.PGSQL.{described.port}"
        ):
            return replace(described, in_sight=False)
        return None

    def process_ids(self) -> list[int]:
        """All PostgreSQL processes on this data that can be seen (on Linux)."""
        found = (int(process.name) for process in Path("/proc").glob("[0-9]*"))
        return sorted(pid for pid in found if _is_postgres_in(self.data, pid))

    def initialise(
        self, binaries: Binaries, password: str, *, lock: int, timeout_seconds: float
    ) -> None:
        """Create the data folder; an earlier attempt that broke off is begun afresh.

        It is made under another name, so that `data` is always complete. `lock` is inherited by
        initdb, which may outlive us. Raises InitFailed.
        """
        said = ""
        for locale in _locales(binaries.major):
            said = self._run_initdb(binaries, password, locale, lock, timeout_seconds)
            if "locale" not in said:
                break
        if said:
            raise InitFailed(self.folder, binaries.version, _last_lines(said))
        self.alter(
            'cd -- "$1" && rm -f initdb.password && mkdir -p log || exit\n'
            "if [ -d data ]; then rmdir data || exit; fi\n"
            "mv data.unfinished data",
            self.folder,
        )

    def _run_initdb(
        self,
        binaries: Binaries,
        password: str,
        locale: tuple[str, ...],
        lock: int,
        timeout_seconds: float,
    ) -> str:
        """Returns what it complained of; nothing if it succeeded."""
        unfinished = self.folder / "data.unfinished"
        password_file = self.folder / "initdb.password"
        self.alter(
            'rm -rf -- "$1" && cat >"$2"', unfinished, password_file, stdin=password.encode()
        )
        try:
            outcome = run_as(
                self.account,
                [
                    *(binaries.program("initdb"), "--pgdata", unfinished),
                    *("--username", OWNER, "--pwfile", password_file, "--auth", "scram-sha-256"),
                    *("--encoding", "UTF8", "--data-checksums", "--no-instructions", *locale),
                ],
                pass_fds=[lock],
                timeout_seconds=timeout_seconds,
            )
        except subprocess.TimeoutExpired:
            return f"initdb was ended after {timeout_seconds:.0f} seconds"
        if outcome.returncode == 0:
            return ""
        return outcome.output or f"initdb ended with exit code {outcome.returncode}"

    def launch(
        self,
        binaries: Binaries,
        socket_folder: Path,
        *,
        start_log: int,
        lock: int,
        timeout_seconds: float,
    ) -> bool:
        """Start a server; False if processes of an earlier one turned out to be alive.

        Call it only when there is no server, as holder of `lock`, which the server inherits.
        Returns when it takes connections, or is still busy with recovery after the timeout. What
        it says at first goes to the open file `start_log`. Raises ServerDidNotStart.
        """
        self._write_settings(socket_folder)
        read_before = _sizes(self.log)
        outcome = run_as(
            self.account,
            [
                *(binaries.program("pg_ctl"), "start", "-s", "-w"),
                *("-t", str(max(1, round(timeout_seconds)))),
                # pg_ctl would put its own -D and -l between double quotes into a shell command,
                # where $ and " in a path have a meaning.
                *("-o", f"-D {shlex.quote(str(self.data))}"),
            ],
            variables={"PGDATA": self.data},
            output=start_log,
            pass_fds=[lock],
        )
        if outcome.returncode == 0 or self.server() is not None:
            return True
        said = _read_since(read_before, start_log, self.log)
        if _PREDECESSOR_LIVES.search(said):
            return False
        if _NO_SOCKET.search(said):
            raise SocketUnusable(
                f"PostgreSQL could not open a socket in {socket_folder}:\n{said}",
                "Choose a home on a local file system.",
            )
        raise ServerDidNotStart.saying(said, self.data, binaries.version, self.log)

    def _write_settings(self, socket_folder: Path) -> None:
        quoted = str(socket_folder).replace("\\", "\\\\").replace("'", "''")
        # What is left of a server that is gone (its lock has shown that it is) would stop the next
        # one whenever another process has got its pid.
        self.alter(
            'cd -- "$1" && rm -f postmaster.pid "$2" "$2.lock" || exit\n'
            'grep -qxF "$3" postgresql.conf || printf "\\n%s\\n" "$3" >>postgresql.conf || exit\n'
            'cat >"$4.new" && mv -f "$4.new" "$4"',
            *(self.data, socket_folder / _SOCKET_NAME, _INCLUDE_SETTINGS, _SETTINGS_FILE),
            stdin=_SETTINGS.format(port=PORT, socket_folder=quoted).encode(),
        )

    def halt(self, binaries: Binaries, server: Server, *, timeout_seconds: float) -> None:
        """Stop a server in order, cutting its connections. Raises ServerDidNotStop."""
        # pg_ctl signals whatever process has the pid in postmaster.pid.
        if not server.in_sight:
            raise ServerDidNotStop(
                f"A server answers for {self.data}, and is no process that can be seen from here: "
                "it seems to run in another container.",
                "Stop it there.",
            )
        outcome = run_as(
            self.account,
            [
                *(binaries.program("pg_ctl"), "stop", "-s", "-w", "-m", "fast"),
                *("-t", str(max(1, round(timeout_seconds)))),
            ],
            variables={"PGDATA": self.data},
        )
        if outcome.returncode != 0 and self.server() is not None:
            raise ServerDidNotStop(
                f"PostgreSQL (process id {server.pid}) was told to stop and is still there: "
                f"{outcome.output}",
                f"It may still be writing: wait, and stop it again; its log is in {self.log}.",
            )

    def set_password(self, binaries: Binaries, password: str) -> None:
        """Give the owner a new password without the old one, while there is no server.

        Raises ServerDidNotStart.
        """
        self.alter('rm -f -- "$1"', self.data / "postmaster.pid")
        outcome = run_as(
            self.account,
            [binaries.program("postgres"), "--single", "-D", self.data, "template1"],
            stdin=f"ALTER ROLE {OWNER} PASSWORD '{password}'\n".encode(),
        )
        if outcome.returncode != 0 or re.search("ERROR:|FATAL:|PANIC:", outcome.output):
            raise ServerDidNotStart(
                "The password file is missing, and PostgreSQL could not give the owner of the "
                f"database a new password:\n{_last_lines(outcome.output)}",
                "Bring the file back from a backup.",
            )

    def alter(self, script: str, *arguments: str | Path, stdin: bytes = b"") -> None:
        """Change something in the version folder, always as its account.

        Root would follow whatever link that account may have put there. Raises FolderUnusable.
        """
        outcome = run_as(
            self.account,
            ["/bin/sh", "-c", f"umask 077\n{script}", "sh", *arguments],
            stdin=stdin,
        )
        if outcome.returncode != 0:
            raise FolderUnusable(
                f"{self.folder} can't be changed by {self.account.name!r}: {outcome.output}.",
                "Let that OS account write there, and see that the disk isn't full.",
            )


def ensure_database(socket_folder: Path, port: int, password: str) -> None:
    """Connect as the owner and see that the ledger's database exists.

    Raises psycopg2.OperationalError if the server takes no connection.
    """
    with closing(
        psycopg2.connect(
            host=str(socket_folder),
            port=port,
            user=OWNER,
            password=password,
            dbname="postgres",
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        )
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.rowcount == 0:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def fits_socket(folder: Path) -> bool:
    """Whether the server's socket can be in this folder, and be named in an address."""
    path = str(folder / _SOCKET_NAME)
    return not _UNFIT_FOR_SOCKET.search(path) and len(os.fsencode(path)) <= SOCKET_PATH_BYTES_MAX


def is_private(folder: Path, account: Account) -> bool:
    """Whether this is a folder that the account owns and nobody else can enter."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == account.uid
        and stat.S_IMODE(status.st_mode) == 0o700
    )


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_TIMEOUT_SECONDS)
        try:
            probe.connect(os.fsencode(path))
        except OSError:
            return False
    return True


def _is_postgres_in(data: Path, pid: int) -> bool:
    # Each process of a server has the data folder as its working directory.
    if sys.platform == "linux":
        process = Path("/proc") / str(pid)
        try:
            name = (process / "comm").read_text().strip()
            return name == "postgres" and (process / "cwd").samefile(data)
        except OSError:  # none, a zombie, or of an account that none of our servers runs as
            return False
    else:
        answer = run_as(None, ["lsof", "-a", "-p", str(pid), "-c", "postgres", "-d", "cwd", "-Fn"])
        folders = [Path(line[1:]) for line in answer.output.splitlines() if line.startswith("n")]
        return any(folder.exists() and folder.samefile(data) for folder in folders)


def _sizes(log: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in log.glob("*.log")}


def _read_since(read_before: Mapping[Path, int], start_log: int, log: Path) -> str:
    """The last lines of the start log, and of the log since its files had these sizes in bytes."""
    said = [os.pread(start_log, _LOG_BYTES_READ, 0)]
    for path, size in _sizes(log).items():
        known = read_before.get(path, 0)
        begin = max(known if known <= size else 0, size - _LOG_BYTES_READ)
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        said.append(os.pread(opened, _LOG_BYTES_READ, begin))
        os.close(opened)
    return _last_lines(b"".join(said).decode(errors="replace"))


def _last_lines(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-_LOG_LINES_QUOTED:])


def _locales(major: int) -> list[tuple[str, ...]]:
    """Options for initdb, best first: order by code point, and the case of all letters."""
    if major >= 17:
        return [("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")]
    # Not every system has C.UTF-8, and PostgreSQL brings its own from 17 on.
    return [("--locale-provider=libc", f"--locale={name}") for name in ("C.UTF-8", "C")]
