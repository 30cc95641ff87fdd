"""What can go wrong with the embedded server. Each error says what is wrong and what to do next."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar


class EmbeddedPostgresError(Exception):
    """Base of all errors of the embedded server.

    `code` is stable and meant for programs; `problem` and `remedy` are whole sentences for
    people, and `str()` gives both.
    """

    code: ClassVar[str] = "embedded_postgres"

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        separator = "\n" if "\n" in self.problem else " "
        return self.problem + separator + self.remedy


class FolderUnusable(EmbeddedPostgresError):
    """The home, or something in it, can't be created, read or written."""

    code = "folder_unusable"

    @classmethod
    def because_of(cls, error: OSError, folder: Path) -> FolderUnusable:
        """What the operating system refused, in `folder` or in what the error names."""
        remedies = {
            errno.EEXIST: "A file is in the way of a folder: move it, or choose another home.",
            errno.ENOTDIR: "A file is in the way of a folder: move it, or choose another home.",
            errno.ENOSPC: "Make room on that disk and try again.",
            errno.EDQUOT: "Make room on that disk and try again.",
        }
        return cls(
            f"{error.filename or folder} can't be used: {error.strerror or error}.",
            remedies.get(
                error.errno or 0,
                "Let the account that runs caseledger read and write there, or choose another "
                "home.",
            ),
        )


class DataMissing(EmbeddedPostgresError):
    """The home once held a database, and its data folder is gone."""

    code = "data_missing"

    def __init__(self, data: Path, state_file: Path) -> None:
        super().__init__(
            f"The database of this home was in {data}, and is not there any more.",
            "Bring it back (is a disk or a volume not mounted?) or restore a backup. To begin with "
            f"an empty database instead, remove {state_file}.",
        )


class AccountUnusable(EmbeddedPostgresError):
    """There is no OS account that the server can run as."""

    code = "account_unusable"


class BinariesNotFound(EmbeddedPostgresError):
    """No usable PostgreSQL programs were found."""

    code = "binaries_not_found"


class WrongVersion(EmbeddedPostgresError):
    """The data folder was made by another major version than the programs at hand."""

    code = "wrong_version"

    def __init__(self, data: Path, version: str, at_hand: str) -> None:
        super().__init__(
            f"{data} holds data of PostgreSQL {version}, and {at_hand}",
            f"Install PostgreSQL {version} and let CASELEDGER_POSTGRES_BIN name the folder that "
            "holds its initdb, pg_ctl and postgres. To go over to another version, dump the "
            "database with the old one (pg_dump) and restore it into a new home; nothing has been "
            "changed here.",
        )


class InitFailed(EmbeddedPostgresError):
    """`initdb` could not create the data folder."""

    code = "init_failed"

    def __init__(self, folder: Path, version: str, said: str) -> None:
        super().__init__(
            f"PostgreSQL {version} could not create its data folder in {folder}:\n{said}",
            "Put that right and start again; what is half done is then begun afresh.",
        )


class SocketUnusable(EmbeddedPostgresError):
    """There is no folder in which the server could put its socket."""

    code = "socket_unusable"


class ServerDidNotStart(EmbeddedPostgresError):
    """The server ended while it started; the problem quotes its log."""

    code = "server_did_not_start"

    @classmethod
    def saying(cls, said: str, data: Path, version: str, log: Path) -> ServerDidNotStart:
        """The server ended, and this is the end of its log."""
        return cls(
            f"PostgreSQL {version} did not start on {data}. The last lines of its log:\n{said}",
            f"If these don't tell what to do, see {log}.",
        )


class ServerNotReady(ServerDidNotStart):
    """The server, or one before it, is busy with something that has to end first."""

    code = "server_not_ready"

    @classmethod
    def for_predecessor(cls, data: Path, pids: Sequence[int], seconds: float) -> ServerNotReady:
        """Processes of a server whose postmaster is gone still work on the data."""
        return cls(
            _processes_left(data, pids, seconds),
            "Wait for them to end, or end them, and start again.",
        )

    @classmethod
    def recovering(cls, pid: int, seconds: float, log: Path) -> ServerNotReady:
        """The server replays its write-ahead log."""
        return cls(
            f"PostgreSQL (process id {pid}) is still starting after {seconds:.0f} seconds: it "
            "replays what had been written before it was last cut off.",
            f"Let it, and start again in a while; its log is in {log}.",
        )

    @classmethod
    def silent(cls, pid: int, seconds: float, said: str, log: Path) -> ServerNotReady:
        """The server is there, and takes no connection."""
        return cls(
            f"PostgreSQL (process id {pid}) is running, and took no connection for {seconds:.0f} "
            f"seconds: {said}",
            f"Stop the embedded server and start it again; its log is in {log}.",
        )


class ServerDidNotStop(EmbeddedPostgresError):
    """The server is still there after it was told to stop."""

    code = "server_did_not_stop"

    @classmethod
    def for_processes(cls, data: Path, pids: Sequence[int], seconds: float) -> ServerDidNotStop:
        """The server is gone, and processes of it still work on the data."""
        return cls(_processes_left(data, pids, seconds), "Wait for them to end, or end them.")


class PasswordRefused(EmbeddedPostgresError):
    """The server is running, and the home doesn't hold its owner's password."""

    code = "password_refused"

    def __init__(self, password_file: Path) -> None:
        what = "doesn't hold the password" if password_file.exists() else "is missing: the password"
        super().__init__(
            f"{password_file} {what} of the database's owner.",
            "Bring the file back from a backup; or stop the embedded server, remove the file and "
            "start again, which gives the owner a new password.",
        )


class LockHeld(EmbeddedPostgresError):
    """Another process has been starting or stopping this server for too long."""

    code = "lock_held"

    def __init__(self, home: Path, holder: str, seconds: float) -> None:
        super().__init__(
            f"Another process (process id {holder or 'unknown'}) has been starting or stopping the "
            f"embedded server of {home} for more than {seconds:.0f} seconds.",
            "Wait for it to end, or end it, and try again.",
        )


def _processes_left(data: Path, pids: Sequence[int], seconds: float) -> str:
    seen = ", ".join(map(str, pids)) or "not to be seen from here"
    return (
        f"Processes of an earlier PostgreSQL server still work on {data} after {seconds:.0f} "
        f"seconds (process ids: {seen})."
    )
