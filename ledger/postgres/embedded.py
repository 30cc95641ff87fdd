"""The embedded PostgreSQL server of a home: create it, start it, adopt it, stop it.

What a home holds in its folder `postgres`:

    password        the owner role's password, mode 0600
    state.json      where the data is, and what else the next start must know
    lock            held while somebody starts or stops the server
    server.lock     held by the server itself and each of its processes, as long as one lives
    users.lock      shared by all who are inside `running()`
    start.log       what the server said before it opened its own log
    18/data         the data folder; one version folder for each major version
    18/log          the server's log, one file for each day of the week
    18/socket       the server's socket, unless its path is too long for one

As root, the version folder belongs to the unprivileged account that the server runs as. If that
account can't reach the home, the version folder is under /var/lib/caseledger.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import psycopg2
from sqlalchemy import URL

from ledger.postgres.accounts import Account, account_for, owner_of, run_as
from ledger.postgres.binaries import Binaries, find_binaries, make_passable
from ledger.postgres.cluster import (
    DATABASE,
    OWNER,
    SOCKET_PATH_BYTES_MAX,
    Cluster,
    Server,
    ensure_database,
    fits_socket,
    is_private,
)
from ledger.postgres.errors import (
    BinariesNotFound,
    DataMissing,
    EmbeddedPostgresError,
    FolderUnusable,
    InitFailed,
    LockHeld,
    PasswordRefused,
    ServerDidNotStop,
    ServerNotReady,
    SocketUnusable,
    WrongVersion,
)

ROOT_FOLDER_VARIABLE: Final = "CASELEDGER_POSTGRES_FOLDER"
"""Names where data and programs go, as root, when the server's account can't reach them."""

TIMEOUT_SECONDS: Final = 120.0
"""Bounds each wait: for a lock, a start, a stop. Replaying max_wal_size has to fit in it."""

_ROOT_FOLDER: Final = "/var/lib/caseledger"
_POLL_SECONDS: Final = 0.05


class State(StrEnum):
    """What the server is doing."""

    NOT_INITIALISED = "not initialised"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Status:
    """The server as it was a moment ago."""

    state: State
    pid: int | None = None
    """The server's process id; None as well if it runs in another container."""
    version: str | None = None
    """The major version of the data: "18"."""
    data_folder: Path | None = None
    log_folder: Path | None = None
    socket_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """How to connect to the ledger's database, as the role that owns it."""

    socket_folder: Path
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    adopted: bool
    """Whether the server was running before the call that returned this."""

    @property
    def url(self) -> URL:
        """For `create_engine`; its `str()` hides the password."""
        return URL.create(
            "postgresql+psycopg2",
            username=self.user,
            password=self.password,
            database=self.database,
            query={"host": str(self.socket_folder), "port": str(self.port)},
        )


@dataclass(frozen=True, slots=True)
class _Memory:
    """What one start leaves for the next, in state.json."""

    folder: str | None = None
    """Where the version folders are, relative to state.json."""
    major: int | None = None
    """The version of the data, once there has been some."""
    sockets: str | None = None
    """The socket's folder, if it can't be in the version folder."""
    in_foreground: bool = False
    """Whether the server ends with its last user."""


class EmbeddedPostgres:
    """The embedded server of one home.

    All state is in the home and in the server, so any number of these objects, in any number of
    processes, may be used on one home at once.
    """

    def __init__(
        self,
        home: Path,
        *,
        binaries: Binaries | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Nothing is made, read or started yet.

        Without `binaries`, those that fit the data are found, or the newest for a new home.
        `timeout_seconds` bounds each wait for another process, for a start and for a stop.
        """
        self.home = home.expanduser().absolute()
        self._folder = self.home / "postgres"
        self._given_binaries = binaries
        self._timeout_seconds = timeout_seconds

    def start(self) -> ConnectionInfo:
        """Have the server running and taking connections, until somebody calls `stop`.

        Creates the database at first use, and adopts a server that runs already. Raises an
        EmbeddedPostgresError.
        """
        with _folder_errors(self.home):
            self._make_folder()
            with self._locked():
                return self._start(in_foreground=False)

    def stop(self) -> bool:
        """Stop the server in order, cutting all connections; True if there was one to stop.

        Raises an EmbeddedPostgresError.
        """
        with _folder_errors(self.home):
            if not _exists(self._folder):
                return False
            with self._locked():
                return self._stop()

    def status(self) -> Status:
        """What the server is doing. Changes nothing and waits for nobody.

        Raises an EmbeddedPostgresError if the home can't be read or its data is gone.
        """
        with _folder_errors(self.home):
            cluster = self._existing_cluster()
            if cluster is None:
                return Status(State.NOT_INITIALISED)
            status = Status(
                State.STOPPED,
                version=cluster.version(),
                data_folder=cluster.data,
                log_folder=cluster.log,
            )
            server = cluster.server()
            if server is None:
                return status
            phases = {"starting": State.STARTING, "stopping": State.STOPPING}
            return replace(
                status,
                state=phases.get(server.phase, State.RUNNING),
                pid=server.pid if server.in_sight else None,
                socket_folder=server.socket_folder,
            )

    @contextmanager
    def in_use(self) -> Iterator[ConnectionInfo]:
        """Have the server running for the length of a `with` block.

        The last one out stops it, unless it was started by `start` and so is to stay; whoever was
        killed inside such a block counts as out. Raises an EmbeddedPostgresError.
        """
        process = os.getpid()
        with _folder_errors(self.home):
            self._make_folder()
            users = _open_private(self._folder / "users.lock")
        entered = True
        try:
            try:
                with _folder_errors(self.home), self._locked():
                    # Whoever wants this one to himself holds the other lock too, so it is free.
                    fcntl.flock(users, fcntl.LOCK_SH)
                    connection = self._start(in_foreground=True)
            except EmbeddedPostgresError:
                entered = False
                raise
            yield connection
        finally:
            os.close(users)
            # A forked child that leaves this block is not the one that entered it.
            if entered and os.getpid() == process:
                with _folder_errors(self.home), self._locked():
                    if self._memory().in_foreground and self._is_unused():
                        self._stop()

    # ------------------------------------------------------------ start and stop, under the lock

    def _start(self, *, in_foreground: bool) -> ConnectionInfo:
        cluster = self._existing_cluster() or self._new_cluster()
        self._check_version(cluster)
        deadline = time.monotonic() + self._timeout_seconds
        launched = False
        refusal = ""
        while True:
            server = cluster.server()
            if server is None and self._launch(cluster, in_foreground, deadline - time.monotonic()):
                launched = True
                server = cluster.server()
            if server and server.socket_folder and server.phase != "stopping":
                password = self._password()
                if password is None:
                    raise PasswordRefused(self._password_file)
                try:
                    ensure_database(server.socket_folder, server.port, password)
                except psycopg2.OperationalError as error:
                    refusal = str(error).strip()
                    if "password authentication failed" in refusal:
                        raise PasswordRefused(self._password_file) from error
                else:
                    if not in_foreground:
                        self._remember(replace(self._memory(), in_foreground=False))
                    return ConnectionInfo(
                        socket_folder=server.socket_folder,
                        port=server.port,
                        user=OWNER,
                        password=password,
                        database=DATABASE,
                        adopted=not launched,
                    )
            if time.monotonic() > deadline:
                raise self._not_ready(cluster, refusal)
            time.sleep(_POLL_SECONDS)

    def _launch(self, cluster: Cluster, in_foreground: bool, timeout_seconds: float) -> bool:
        """False if there is a server after all, or processes of an earlier one are left."""
        with self._server_lock() as lock:
            if lock is None or cluster.server() is not None:
                return False
            binaries = self._binaries_for(cluster)
            if self._password() is None:
                password = secrets.token_urlsafe(32)
                cluster.set_password(binaries, password)
                _write_private(self._password_file, password)
            socket_folder = self._socket_folder(cluster)
            self._remember(replace(self._memory(), in_foreground=in_foreground))
            start_log = _open_private(self._folder / "start.log", os.O_TRUNC | os.O_APPEND)
            try:
                return cluster.launch(
                    binaries,
                    socket_folder,
                    start_log=start_log,
                    lock=lock,
                    timeout_seconds=timeout_seconds,
                )
            finally:
                os.close(start_log)

    def _not_ready(self, cluster: Cluster, refusal: str) -> ServerNotReady:
        waited = self._timeout_seconds
        server = cluster.server()
        if server is None:
            return ServerNotReady.for_predecessor(cluster.data, cluster.process_ids(), waited)
        if server.phase == "starting" or "starting up" in refusal:
            return ServerNotReady.recovering(server.pid, waited, cluster.log)
        said = refusal or f"it is {server.phase or 'not open'}"
        return ServerNotReady.silent(server.pid, waited, said, cluster.log)

    def _stop(self) -> bool:
        cluster = self._existing_cluster()
        if cluster is None:
            return False
        server = self._last_server(cluster)
        if server is not None:
            binaries = self._binaries_for(cluster, of_any_version=True)
            cluster.halt(binaries, server, timeout_seconds=self._timeout_seconds)
            self._last_server(cluster)
        memory = self._memory()
        if memory.sockets and is_private(Path(memory.sockets), cluster.account):
            shutil.rmtree(memory.sockets, ignore_errors=True)
            self._remember(replace(memory, sockets=None))
        return server is not None

    def _last_server(self, cluster: Cluster) -> Server | None:
        """The server, even one that is only just coming up; None once no process is left of it.

        An interrupted start leaves one that has not written its postmaster.pid yet, and the last
        processes of a stopped one outlive it by a moment.
        """
        deadline = time.monotonic() + self._timeout_seconds
        while (server := cluster.server()) is None:
            with self._server_lock() as lock:
                if lock is not None:
                    return None
            if time.monotonic() > deadline:
                pids = cluster.process_ids()
                raise ServerDidNotStop.for_processes(cluster.data, pids, self._timeout_seconds)
            time.sleep(_POLL_SECONDS)
        return server

    # ------------------------------------------------------------ what to start, and where

    def _existing_cluster(self) -> Cluster | None:
        """The complete cluster of this home; of the newest version, if there are several."""
        memory = self._memory()
        place = self._folder / (memory.folder or ".")
        clusters = _version_folders(place)
        if clusters:
            folder = clusters[max(clusters)]
            return Cluster(folder, owner_of(folder / "data"))
        if memory.major is not None:
            raise DataMissing(place / str(memory.major) / "data", self._state_file)
        return None

    def _new_cluster(self) -> Cluster:
        binaries = self._given_binaries or find_binaries()
        account = account_for(self.home)
        place, folder = self._folder, "."
        if account.is_another and not account.can_enter(place):
            place = self._place_outside()
            folder = str(place)
            make_passable(place.parent)
            _make_folder_of(account, place)
            if not account.can_enter(place):
                raise FolderUnusable(
                    f"The OS account {account.name!r}, which the server would run as, can enter "
                    f"neither {self._folder} nor {place}.",
                    f"Choose a home that it can enter, or let {ROOT_FOLDER_VARIABLE} name a folder "
                    "that it can.",
                )
            if _version_folders(place):
                raise FolderUnusable(
                    f"{place} holds the database of a home that was in {self.home} before.",
                    f"To begin with an empty one, remove that folder. To go on with it, write "
                    f"{json.dumps({'folder': folder})} into {self._state_file}.",
                )
        cluster = Cluster(place / str(binaries.major), account)
        _make_folder_of(account, cluster.folder)
        if cluster.data.is_dir() and any(cluster.data.iterdir()):
            raise FolderUnusable(
                f"{cluster.data} is not empty, and is no data folder of PostgreSQL.",
                "Move it away, or choose another home.",
            )
        self._remember(replace(self._memory(), folder=folder))
        password = self._password()
        if password is None:
            password = secrets.token_urlsafe(32)
            _write_private(self._password_file, password)
        # An initdb whose parent has been killed goes on, and holds the lock while it does.
        with self._server_lock(wait_seconds=self._timeout_seconds) as lock:
            if lock is None:
                said = "  an initdb or a server from before is still at work there"
                raise InitFailed(cluster.folder, binaries.version, said)
            cluster.initialise(
                binaries.reachable_by(account, _root_folder() / "binaries"),
                password,
                lock=lock,
                timeout_seconds=self._timeout_seconds,
            )
        _sync_folder(cluster.folder)
        self._remember(replace(self._memory(), major=binaries.major))
        return cluster

    def _place_outside(self) -> Path:
        """Where the version folders are if the server's account can't reach the home."""
        return _root_folder() / self._identity()

    def _identity(self) -> str:
        return hashlib.sha256(os.fsencode(self._folder.resolve())).hexdigest()[:12]

    def _check_version(self, cluster: Cluster) -> None:
        given = self._given_binaries
        if given is not None and str(given.major) != cluster.version():
            at_hand = f"the programs in {given.folder} are {given.version}."
            raise WrongVersion(cluster.data, cluster.version(), at_hand)

    def _binaries_for(self, cluster: Cluster, *, of_any_version: bool = False) -> Binaries:
        """Programs that fit the data, and that the server's account can run."""
        version = cluster.version()
        binaries = self._given_binaries
        if binaries is None:
            try:
                binaries = find_binaries(int(version))
            except (BinariesNotFound, ValueError) as error:
                if not of_any_version:
                    raise WrongVersion(cluster.data, version, str(error)) from error
                binaries = find_binaries()
        return binaries.reachable_by(cluster.account, _root_folder() / "binaries")

    def _socket_folder(self, cluster: Cluster) -> Path:
        """A folder of the server's account alone, with a path that fits a socket."""
        memory = self._memory()
        if fits_socket(cluster.socket_folder):
            cluster.alter('mkdir -p -m 700 -- "$1"', cluster.socket_folder)
            self._remember(replace(memory, sockets=None))
            return cluster.socket_folder
        if memory.sockets and is_private(Path(memory.sockets), cluster.account):
            return Path(memory.sockets)
        for parent in _folders_for_sockets(cluster.account):
            # The same name each time, so that clients find a server that was started anew.
            if folder := _private_folder(parent, f"caseledger-{self._identity()}", cluster.account):
                self._remember(replace(memory, sockets=str(folder)))
                return folder
        raise SocketUnusable(
            f"No socket can be in {cluster.socket_folder} (its path would have more than "
            f"{SOCKET_PATH_BYTES_MAX} bytes, or has a character that can't be part of an address), "
            "and there is no folder for temporary files with a path that would do.",
            "Choose a home with a shorter path, or let TMPDIR name a folder that has one and can "
            "be written to.",
        )

    # ------------------------------------------------------------ files in the home

    @property
    def _password_file(self) -> Path:
        return self._folder / "password"

    @property
    def _state_file(self) -> Path:
        return self._folder / "state.json"

    def _make_folder(self) -> None:
        # As root they must let the server's account pass to its own folder. Nothing else in them
        # can be read by others, and a folder that exists keeps its permissions.
        mode = 0o711 if os.geteuid() == 0 else 0o700
        if "\n" in str(self.home):  # postmaster.pid has a line for each value
            raise FolderUnusable(
                f"The path {str(self.home)!r} contains a line break.", "Choose another home."
            )
        for folder in (self.home, self._folder):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(mode)
                _give_to_owner_of(folder.parent, folder)

    def _memory(self) -> _Memory:
        try:
            return _Memory(**json.loads(self._state_file.read_bytes()))
        except FileNotFoundError:
            return _Memory()
        except (ValueError, TypeError) as error:
            raise FolderUnusable(
                f"{self._state_file} can't be understood: {error}.",
                "Bring it back from a backup; if the version folder lies beside it, it may also "
                "be removed.",
            ) from error

    def _remember(self, memory: _Memory) -> None:
        if memory != self._memory():
            _write_private(self._state_file, json.dumps(asdict(memory)))

    def _password(self) -> str | None:
        try:
            return self._password_file.read_text().strip() or None
        except FileNotFoundError:
            return None

    # ------------------------------------------------------------ locks

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep everybody else from starting or stopping this server."""
        lock = _open_private(self._folder / "lock")
        try:
            if not _flock_within(self._timeout_seconds, lock):
                holder = os.pread(lock, 20, 0).decode(errors="replace")
                raise LockHeld(self.home, holder, self._timeout_seconds)
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _server_lock(self, *, wait_seconds: float = 0.0) -> Iterator[int | None]:
        """The lock for a server to inherit; None while a process of an earlier one has it.

        A child shares its parent's open files, and the lock belongs to the open file: the kernel
        keeps it until the last process of the server has ended, however it ends and whatever
        container it is in.
        """
        lock = _open_private(self._folder / "server.lock")
        try:
            yield lock if _flock_within(wait_seconds, lock) else None
        finally:
            os.close(lock)

    def _is_unused(self) -> bool:
        users = _open_private(self._folder / "users.lock")
        try:
            return _flock_within(0, users)
        finally:
            os.close(users)


@contextmanager
def running(home: Path, *, binaries: Binaries | None = None) -> Iterator[ConnectionInfo]:
    """Have the embedded server of a home running for the length of a `with` block.

    For programs in the foreground. Like `EmbeddedPostgres.in_use`; and SIGTERM and SIGHUP end the
    block as Ctrl-C does (with SystemExit, exit code 128 + the signal's number), so that the
    server is stopped in order. A signal that the program itself handles or ignores is left alone.
    Raises an EmbeddedPostgresError.
    """
    with _ended_by_signals(), EmbeddedPostgres(home, binaries=binaries).in_use() as connection:
        yield connection


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    # This also serves uvicorn, which stops in order and then raises the signal once more, for
    # whatever handler it had found (Kludex/uvicorn#1600).
    ours = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if threading.current_thread() is threading.main_thread()
        and signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in ours:
        signal.signal(number, _exit_on_signal)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is _exit_on_signal:
                signal.signal(number, signal.SIG_DFL)


def _exit_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _root_folder() -> Path:
    return Path(os.environ.get(ROOT_FOLDER_VARIABLE) or _ROOT_FOLDER).absolute()


@contextmanager
def _folder_errors(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FolderUnusable.because_of(error, home) from error


def _version_folders(place: Path) -> dict[int, Path]:
    """The folders that hold a complete cluster, by major version."""
    return {
        int(folder.name): folder
        for folder in (place.iterdir() if _exists(place) else ())
        if folder.name.isdecimal() and _exists(folder / "data" / "PG_VERSION")
    }


def _exists(path: Path) -> bool:
    """Unlike Path.exists, tells what is not there from what we may not see."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _make_folder_of(account: Account, folder: Path) -> None:
    """Make a folder that is the account's alone."""
    if not account.is_another:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif folder.parent.stat().st_uid == account.uid:
        # As that account, since it may have put a link there for root to follow.
        outcome = run_as(account, ["/bin/sh", "-c", 'mkdir -p -m 700 -- "$1"', "sh", folder])
        if outcome.returncode != 0:
            raise FolderUnusable(
                f"{account.name!r} can't make {folder}: {outcome.output}.",
                "Let that OS account write there, or choose another home.",
            )
    else:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _folders_for_sockets(account: Account) -> list[Path]:
    """Folders for temporary files, in which a private folder may hold a socket."""
    names = (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp")  # noqa: S108
    return [
        folder
        for folder in dict.fromkeys(Path(name).absolute() for name in names if name)
        if fits_socket(folder / "caseledger-0123456789ab")
        and (not account.is_another or account.can_enter(folder))
    ]


def _private_folder(parent: Path, name: str, account: Account) -> Path | None:
    """A folder of the account alone, in one where anybody may have taken the name."""
    folder = parent / name
    try:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            if is_private(folder, account):
                return folder
            folder = Path(tempfile.mkdtemp(prefix="caseledger-", dir=parent))
        if account.is_another:
            os.chown(folder, account.uid, account.gid)
    except OSError:
        return None
    return folder


def _open_private(path: Path, flags: int = 0) -> int:
    """Open a file of the home for reading and writing; make it if it isn't there."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    _give_to_owner_of(path.parent, opened)
    return opened


def _give_to_owner_of(parent: Path, given: Path | int) -> None:
    """As root in somebody's home: let him use his home without root, too."""
    if os.geteuid() == 0 and (owner := parent.stat()).st_uid != 0:
        os.chown(given, owner.st_uid, owner.st_gid)


def _write_private(path: Path, content: str) -> None:
    """Replace a file as a whole, so that neither a crash nor a power cut leaves half of it."""
    unfinished = path.with_name(f"{path.name}.new")
    with os.fdopen(_open_private(unfinished, os.O_TRUNC), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _flock_within(seconds: float, file: int) -> bool:
    """Take a lock for oneself alone, if it is to be had in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True
