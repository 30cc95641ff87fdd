"""The OS account that the server's programs run as: never root."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.postgres.errors import AccountUnusable, FolderUnusable

USER_VARIABLE: Final = "CASELEDGER_POSTGRES_USER"
"""Names the existing OS account that a new server runs as when we are root."""

_USUAL_ACCOUNTS: Final = ("postgres", "nobody")

# Nothing else of our environment reaches the server: PG* variables would change what it does, and
# the rest may hold secrets that its account has no business with. LC_ALL keeps messages in the
# English that we recognise some of them by.
_INHERITED_VARIABLES: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_FIXED_VARIABLES: Final = {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """The OS account that the server's programs run as."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        """Whether this is not the account that we run as ourselves."""
        return self.uid != os.geteuid()

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may pass through each parent of the folder and the folder itself."""
        # Asked of the kernel and not read off mode bits, since ACLs and mounts have a say too.
        return run_as(self, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended, and all that it said."""

    returncode: int
    output: str


def run_as(
    account: Account | None,
    command: Sequence[str | Path],
    *,
    stdin: bytes = b"",
    variables: Mapping[str, str | Path] | None = None,
    output: int | None = None,
    pass_fds: Collection[int] = (),
    timeout_seconds: float | None = None,
) -> Outcome:
    """Run a program to its end, as `account` (None: as ourselves), in a session of its own.

    A session of its own keeps the terminal's Ctrl-C away from it. What it says goes to the open
    file `output`, or else into the outcome. Raises AccountUnusable when we may not become that
    account, and PermissionError when the account may not run the program.
    """
    # Files and not pipes: whatever outlives the program (the server does) would keep a pipe open,
    # and whoever reads from it waiting.
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        switch = account is not None and account.is_another
        try:
            ended = subprocess.run(
                [os.fspath(part) for part in command],
                stdin=given,
                stdout=said if output is None else output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=_environment(variables or {}),
                user=account.uid if switch and account else None,
                group=account.gid if switch and account else None,
                extra_groups=[] if switch else None,
                pass_fds=pass_fds,
                start_new_session=True,
                timeout=timeout_seconds,
                check=False,
            )
        except PermissionError as error:
            if switch and account is not None and not _can_become(account):
                raise AccountUnusable(
                    f"This process may not start programs as the OS account {account.name!r}.",
                    "Run caseledger as an ordinary user, or give it the capabilities SETUID and "
                    "SETGID.",
                ) from error
            raise
        said.seek(0)
        return Outcome(ended.returncode, said.read().decode(errors="replace").strip())


def _environment(variables: Mapping[str, str | Path]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    given = {name: os.fspath(value) for name, value in variables.items()}
    return inherited | _FIXED_VARIABLES | given


def _can_become(account: Account) -> bool:
    try:
        subprocess.run(
            ["/bin/sh", "-c", ":"],
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def account_for(home: Path) -> Account:
    """The account that a new server of this home runs as."""
    if os.geteuid() != 0:
        return _account_with(os.geteuid())
    if named := os.environ.get(USER_VARIABLE):
        account = _account_named(named)
        if account is None or account.uid == 0:
            raise AccountUnusable(
                f"{USER_VARIABLE} names {named!r}, which is "
                f"{'no OS account here' if account is None else 'root; PostgreSQL refuses that'}.",
                "Let it name an existing unprivileged account, or unset it.",
            )
        return account
    if (owner := home.stat().st_uid) != 0:
        return _account_with(owner)
    for name in _USUAL_ACCOUNTS:
        if account := _account_named(name):
            return account
    raise AccountUnusable(
        "PostgreSQL does not run as root, and there is neither an OS account "
        f"{' nor '.join(map(repr, _USUAL_ACCOUNTS))} here.",
        f"Let {USER_VARIABLE} name an existing unprivileged account, or run caseledger as an "
        "ordinary user.",
    )


def owner_of(data: Path) -> Account:
    """The account that data belongs to, which is the only one that PostgreSQL accepts."""
    uid = data.stat().st_uid
    if os.geteuid() != 0:
        return _account_with(os.geteuid())
    if uid == 0:
        raise FolderUnusable(
            f"{data} belongs to root, and PostgreSQL does not run as root.",
            "Give it back to the OS account that the server ran as: "
            f"chown -R ACCOUNT {shlex.quote(str(data.parent))}",
        )
    return _account_with(uid)


def _account_named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _account_with(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise AccountUnusable(
            f"The user id {uid} belongs to no OS account, and PostgreSQL needs one with a name.",
            "Run caseledger as an account that is known to the system (in /etc/passwd).",
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
