"""Homes for embedded servers, of which nothing is left after a test."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.postgres.embedded import ROOT_FOLDER_VARIABLE, EmbeddedPostgres
from ledger.postgres.errors import EmbeddedPostgresError

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only for private folders with unguessable names
ROOM_NEEDED_BYTES = 2 << 30


@pytest.fixture
def root_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stands for /var/lib/caseledger, which only root uses."""
    with temporary_folder(0o711) as folder:
        monkeypatch.setenv(ROOT_FOLDER_VARIABLE, str(folder))
        yield folder


@pytest.fixture
def new_home(root_folder: Path) -> Iterator[Path]:
    """A home that isn't there yet. As root, its parent is closed to the server's account."""
    with temporary_folder(0o700) as parent:
        yield parent / "home"
        leave_nothing_running(parent / "home", root_folder)


@pytest.fixture
def home(new_home: Path, root_folder: Path, used_home: tuple[Path, Path]) -> Path:
    """A home whose server has been running before: a new one, without the wait for initdb."""
    files, version_folder = used_home
    shutil.copytree(files, new_home / "postgres")
    state_file = new_home / "postgres" / "state.json"
    state = json.loads(state_file.read_text())
    place = new_home / "postgres"
    if state["folder"] != ".":
        place = EmbeddedPostgres(new_home)._place_outside()
        place.mkdir(mode=0o700)
        owner = version_folder.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        state_file.write_text(json.dumps({**state, "folder": str(place)}))
    subprocess.run(["cp", "-a", version_folder, place], check=True)
    return new_home


@pytest.fixture(scope="session")
def used_home() -> Iterator[tuple[Path, Path]]:
    """The files in the folder `postgres` of such a home, and its version folder."""
    with (
        temporary_folder(0o711) as root_folder,
        temporary_folder(0o700) as parent,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(ROOT_FOLDER_VARIABLE, str(root_folder))
        home = parent / "home"
        server = EmbeddedPostgres(home)
        server.start()
        server.stop()
        data = server.status().data_folder
        assert data is not None
        version_folder = data.parent.rename(root_folder / data.parent.name)
        shutil.rmtree(version_folder / "log")
        yield home / "postgres", version_folder


@pytest.fixture
def open_home(root_folder: Path) -> Iterator[Path]:
    """A home that isn't there yet, whose parents everybody can enter."""
    with temporary_folder(0o711) as parent:
        yield parent / "home"
        leave_nothing_running(parent / "home", root_folder)


@contextlib.contextmanager
def temporary_folder(mode: int) -> Iterator[Path]:
    # On a disk, initdb takes several times as long and these tests go through many.
    in_memory = (
        SHARED_MEMORY.is_dir()
        and shutil.disk_usage(SHARED_MEMORY).free > ROOM_NEEDED_BYTES
        and not os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC
    )
    folder = Path(
        tempfile.mkdtemp(prefix="caseledger-test-", dir=SHARED_MEMORY if in_memory else None)
    )
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def leave_nothing_running(home: Path, root_folder: Path) -> None:
    with contextlib.suppress(EmbeddedPostgresError):  # the test may have spoiled its home
        EmbeddedPostgres(home).stop()
    left = postgres_processes_under(home) + postgres_processes_under(root_folder)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not left, "the test left a server running"


def postgres_processes_under(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().strip() == "postgres":
                cwd = (process / "cwd").readlink()
                if cwd.is_relative_to(folder):
                    found.append(int(process.name))
    return found
