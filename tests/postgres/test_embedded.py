"""The embedded server, with real servers that are really killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from ledger.postgres import cluster, embedded
from ledger.postgres.accounts import USER_VARIABLE, Account, run_as
from ledger.postgres.binaries import (
    BINARIES_VARIABLE,
    SUPPORTED_MAJORS,
    Binaries,
    find_binaries,
)
from ledger.postgres.embedded import ConnectionInfo, EmbeddedPostgres, State, running
from ledger.postgres.errors import (
    AccountUnusable,
    BinariesNotFound,
    DataMissing,
    EmbeddedPostgresError,
    FolderUnusable,
    InitFailed,
    LockHeld,
    PasswordRefused,
    ServerDidNotStart,
    ServerDidNotStop,
    ServerNotReady,
    SocketUnusable,
    WrongVersion,
)

pytestmark = [
    pytest.mark.database,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]

AS_ROOT = os.geteuid() == 0
PROJECT = Path(__file__).parents[2]
PYTHONPATH = os.pathsep.join([str(PROJECT), *(path for path in sys.path if "-packages" in path)])
IMPORTS = "import sys, time; from pathlib import Path; from ledger.postgres.embedded import *\n"


def value(connection: ConnectionInfo, statement: str) -> object:
    engine = sa.create_engine(connection.url, poolclass=sa.NullPool)
    with engine.begin() as transaction:
        result = transaction.exec_driver_sql(statement)
        return result.scalar() if result.returns_rows else None


def program(
    body: str,
    *arguments: object,
    uid: int | None = None,
    variables: dict[str, str] | None = None,
) -> subprocess.Popen[str]:
    """A Python program in a process group of its own, with its output in a pipe."""
    python = sys.executable if uid is None else python_for(uid)
    return subprocess.Popen(
        [python, "-c", IMPORTS + textwrap.dedent(body), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": PYTHONPATH, **(variables or {})},
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        user=uid,
        group=uid and pwd.getpwuid(uid).pw_gid,
        extra_groups=[] if uid else None,
        process_group=0,
    )


def python_for(uid: int) -> str:
    """A Python that can be run by somebody who can't enter our own home."""
    entry = pwd.getpwuid(uid)
    user = Account(entry.pw_name, uid, entry.pw_gid)
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            tried = [python, "-c", "import ledger.postgres.embedded"]
            if run_as(user, tried, variables={"PYTHONPATH": PYTHONPATH}).returncode == 0:
                return python
    pytest.skip(f"{user.name} can't run this Python, or can't reach this project")


def output_of(started: subprocess.Popen[str], *, timeout_seconds: float = 30) -> str:
    output, _ = started.communicate(timeout=timeout_seconds)
    return output


def wait_for_line(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def wait_until(condition: Callable[[], object], *, timeout_seconds: float = 15) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def running_pid(home: Path) -> int:
    pid = EmbeddedPostgres(home).status().pid
    assert pid is not None
    return pid


def data_of(home: Path) -> Path:
    data = EmbeddedPostgres(home).status().data_folder
    assert data is not None
    return data


def log_of(home: Path) -> str:
    return "".join(path.read_text() for path in (data_of(home).parent / "log").glob("*.log"))


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def put(path: Path, content: str) -> None:
    """Write a file that belongs to whom its folder belongs to."""
    path.write_text(content)
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def innocent(home: Path, command: tuple[str, ...] = ("sleep", "60")) -> Iterator[int]:
    """A process that the server's account could kill, and that nobody should."""
    uid = data_of(home).stat().st_uid if AS_ROOT else None
    with subprocess.Popen(command, cwd="/", user=uid) as process:
        yield process.pid
        assert process.poll() is None, "an unrelated process was ended"
        process.kill()


# ---------------------------------------------------------------- start, adopt, stop


def test_the_first_start_creates_the_database(new_home: Path) -> None:
    connection = EmbeddedPostgres(new_home).start()
    assert not connection.adopted
    assert value(connection, "SELECT current_database()") == "caseledger"
    assert value(connection, "SELECT current_user") == "caseledger_owner"
    wanted = {
        "data_checksums": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "max_connections": "100",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
    }
    assert {name: value(connection, f"SHOW {name}") for name in wanted} == wanted
    # Order by code point, as in Python, and all letters have a lower case.
    assert value(connection, "SELECT 'Ø' > 'a' AND 'a' > 'Z'") is True
    assert value(connection, "SELECT lower('BLÅBÆRØL')") == "blåbærøl"


def test_the_password_is_needed_and_kept_private(home: Path) -> None:
    connection = EmbeddedPostgres(home).start()
    kept = home / "postgres" / "password"
    assert kept.read_text() == connection.password
    assert kept.stat().st_mode & 0o777 == 0o600
    assert connection.password not in repr(connection)
    assert connection.password not in str(connection.url)
    for password in ("", "wrong"):
        with pytest.raises(psycopg2.OperationalError, match=r"password|fe_sendauth"):
            psycopg2.connect(
                host=str(connection.socket_folder), user=connection.user, password=password
            )


def test_folders_are_private_and_existing_ones_keep_their_permissions(new_home: Path) -> None:
    new_home.mkdir(mode=0o750)
    parents = {folder: folder.stat().st_mode for folder in (new_home, *new_home.parents)}
    connection = EmbeddedPostgres(new_home).start()
    assert {folder: folder.stat().st_mode for folder in parents} == parents
    data = data_of(new_home)
    for folder in (data, data.parent, connection.socket_folder):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_running_server_is_adopted(home: Path) -> None:
    first = EmbeddedPostgres(home).start()
    pid = running_pid(home)
    again = EmbeddedPostgres(home).start()
    assert again.adopted
    assert again.url == first.url
    elsewhere = program("print(EmbeddedPostgres(Path(sys.argv[1])).start().adopted)", home)
    assert output_of(elsewhere) == "True\n"
    assert running_pid(home) == pid


def test_data_and_address_outlast_a_restart(home: Path) -> None:
    server = EmbeddedPostgres(home)
    first = server.start()
    value(first, "CREATE TABLE kept AS SELECT 7 AS number")
    assert server.stop()
    second = server.start()
    assert second.url == first.url
    assert value(second, "SELECT number FROM kept") == 7
    assert "was interrupted" not in log_of(home)


def test_status_tells_each_state_and_changes_nothing(new_home: Path) -> None:
    server = EmbeddedPostgres(new_home)
    assert server.status().state is State.NOT_INITIALISED
    assert not new_home.exists()

    connection = server.start()
    status = server.status()
    assert status.state is State.RUNNING
    assert status.pid is not None
    assert is_alive(status.pid)
    assert status.version == str(find_binaries().major)
    assert status.socket_folder == connection.socket_folder

    server.stop()
    stopped = server.status()
    assert (stopped.state, stopped.pid) == (State.STOPPED, None)
    assert stopped.data_folder == status.data_folder


def test_stop_may_be_called_at_any_time(new_home: Path) -> None:
    server = EmbeddedPostgres(new_home)
    assert server.stop() is False
    assert not new_home.exists()
    server.start()
    assert server.stop() is True
    assert server.stop() is False


def test_processes_that_start_it_at_once_share_one_server(new_home: Path) -> None:
    body = "print(EmbeddedPostgres(Path(sys.argv[1])).start().adopted)"
    started = [program(body, new_home) for _ in range(4)]
    assert sorted(output_of(one) for one in started) == ["False\n", "True\n", "True\n", "True\n"]
    postmasters = re.findall("starting PostgreSQL", log_of(new_home))
    assert len(postmasters) == 1


def test_a_caller_that_captures_output_is_not_kept_waiting(home: Path) -> None:
    body = "EmbeddedPostgres(Path(sys.argv[1])).start(); print('done')"
    assert output_of(program(body, home), timeout_seconds=20) == "done\n"
    assert EmbeddedPostgres(home).status().state is State.RUNNING


def test_the_environment_does_not_reach_the_server(home: Path) -> None:
    variables = {"PGPORT": "1", "PGDATA": "/", "PGHOST": "nowhere.invalid", "PGUSER": "nobody"}
    body = "print(EmbeddedPostgres(Path(sys.argv[1])).start().port)"
    hidden = {"CASELEDGER_SECRET": "not for the server", "LC_ALL": "nb_NO.UTF-8"}
    assert output_of(program(body, home, variables=variables | hidden)) == "5432\n"
    environment = Path(f"/proc/{running_pid(home)}/environ").read_bytes()
    assert b"not for the server" not in environment


def test_the_code_of_the_wheel_is_never_imported(home: Path) -> None:
    body = """
        with running(Path(sys.argv[1])):
            print([name for name in sys.modules if 'pgserver' in name])
    """
    assert output_of(program(body, home)) == "[]\n"


def test_nothing_personal_is_logged(home: Path) -> None:
    connection = EmbeddedPostgres(home).start()
    value(connection, "CREATE TABLE person (name text PRIMARY KEY)")
    value(connection, "INSERT INTO person VALUES ('Kari Nordmann')")
    for statement in (
        "INSERT INTO person VALUES ('Kari Nordmann')",
        'SELECT 1 / 0 AS "Kari Nordmann"',
    ):
        with pytest.raises(sa.exc.DBAPIError):
            value(connection, statement)
    wait_until(lambda: "division by zero" in log_of(home))
    assert "duplicate key" in log_of(home)
    assert "Kari" not in log_of(home)


# ---------------------------------------------------------------- in the foreground


HOLD = """
    with running(Path(sys.argv[1])) as connection:
        print(connection.adopted, flush=True)
        time.sleep(60)
"""


def test_in_the_foreground_it_ends_with_the_block(home: Path) -> None:
    with running(home) as connection:
        assert value(connection, "SELECT 1") == 1
    assert EmbeddedPostgres(home).status().state is State.STOPPED
    with pytest.raises(ZeroDivisionError), running(home):
        _ = 1 / 0
    assert EmbeddedPostgres(home).status().state is State.STOPPED


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_to_the_whole_group_stops_it_in_order(
    home: Path, number: signal.Signals, exit_code: int
) -> None:
    foreground = program(HOLD, home)
    assert wait_for_line(foreground) == "False"
    os.killpg(foreground.pid, number)  # as a terminal does
    output_of(foreground)
    assert foreground.returncode == exit_code
    assert EmbeddedPostgres(home).status().state is State.STOPPED
    assert len(re.findall("received .* shutdown request", log_of(home))) == 1
    EmbeddedPostgres(home).start()
    assert "was interrupted" not in log_of(home)


@pytest.mark.parametrize("delay_seconds", [0, 0.05])
def test_a_signal_during_a_start_leaves_nothing_running(home: Path, delay_seconds: float) -> None:
    start_log = home / "postgres" / "start.log"
    start_log.unlink()
    foreground = program(HOLD, home)
    wait_until(start_log.exists)
    time.sleep(delay_seconds)
    os.killpg(foreground.pid, signal.SIGINT)
    output_of(foreground)
    assert EmbeddedPostgres(home).status().state is State.STOPPED


def test_signals_that_the_program_handles_are_left_to_it(home: Path) -> None:
    body = """
        import signal
        signal.signal(signal.SIGTERM, lambda *_: print('mine', flush=True))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with running(Path(sys.argv[1])):
            print('up', flush=True)
            while True:
                time.sleep(0.05)
    """
    foreground = program(body, home)
    assert wait_for_line(foreground) == "up"
    os.kill(foreground.pid, signal.SIGHUP)
    os.kill(foreground.pid, signal.SIGTERM)
    assert wait_for_line(foreground) == "mine"
    os.kill(foreground.pid, signal.SIGINT)
    output_of(foreground)
    assert EmbeddedPostgres(home).status().state is State.STOPPED


def test_what_was_started_to_stay_outlasts_the_foreground(home: Path) -> None:
    EmbeddedPostgres(home).start()
    with running(home) as connection:
        assert connection.adopted
    assert EmbeddedPostgres(home).status().state is State.RUNNING

    EmbeddedPostgres(home).stop()
    with running(home):
        EmbeddedPostgres(home).start()  # somebody decides that it is to stay
    assert EmbeddedPostgres(home).status().state is State.RUNNING


def test_the_last_one_out_stops_it(home: Path) -> None:
    with running(home) as mine:
        other = program(HOLD, home)
        assert wait_for_line(other) == "True"
    assert EmbeddedPostgres(home).status().state is State.RUNNING
    assert value(mine, "SELECT 1") == 1
    os.kill(other.pid, signal.SIGTERM)
    output_of(other)
    assert EmbeddedPostgres(home).status().state is State.STOPPED


@pytest.mark.faults
def test_whoever_was_killed_in_the_foreground_counts_as_out(home: Path) -> None:
    foreground = program(HOLD, home)
    wait_for_line(foreground)
    foreground.kill()
    output_of(foreground)
    assert EmbeddedPostgres(home).status().state is State.RUNNING
    with running(home) as connection:
        assert connection.adopted
    assert EmbeddedPostgres(home).status().state is State.STOPPED


# ---------------------------------------------------------------- after a crash


@pytest.mark.faults
def test_after_the_caller_was_killed_the_server_is_adopted(home: Path) -> None:
    body = """
        EmbeddedPostgres(Path(sys.argv[1])).start()
        print('up', flush=True)
        time.sleep(60)
    """
    caller = program(body, home)
    wait_for_line(caller)
    caller.kill()
    output_of(caller)
    pid = running_pid(home)
    assert EmbeddedPostgres(home).start().adopted
    assert running_pid(home) == pid
    assert EmbeddedPostgres(home).stop() is True
    assert not is_alive(pid)


@pytest.mark.faults
def test_after_the_server_was_killed_it_starts_again(home: Path) -> None:
    server = EmbeddedPostgres(home)
    connection = server.start()
    value(connection, "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(running_pid(home), signal.SIGKILL)
    again = server.start()
    assert not again.adopted
    assert value(again, "SELECT number FROM kept") == 7


BUSY = "DO $$ BEGIN WHILE clock_timestamp() < '{until}' LOOP END LOOP; END $$"


@contextlib.contextmanager
def busy_backend(connection: ConnectionInfo, seconds: float) -> Iterator[int]:
    """A backend that takes no notice of its server's death for so long."""
    until = value(connection, f"SELECT (clock_timestamp() + '{seconds} s')::text")
    with contextlib.closing(
        psycopg2.connect(
            host=str(connection.socket_folder),
            user=connection.user,
            password=connection.password,
            dbname=connection.database,
            async_=True,
        )
    ) as busy:
        wait_until(lambda: busy.poll() == psycopg2.extensions.POLL_OK)
        busy.cursor().execute(BUSY.format(until=until))
        yield busy.info.backend_pid


@pytest.mark.faults
def test_a_start_waits_for_the_processes_of_a_killed_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    with busy_backend(server.start(), seconds=1) as backend:
        os.kill(running_pid(home), signal.SIGKILL)
        assert is_alive(backend)
        assert not server.start().adopted
        assert not is_alive(backend)


@pytest.mark.faults
def test_processes_of_a_killed_server_that_stay_are_named(home: Path) -> None:
    server = EmbeddedPostgres(home, timeout_seconds=0.3)
    with busy_backend(EmbeddedPostgres(home).start(), seconds=60) as backend:
        os.kill(running_pid(home), signal.SIGKILL)
        with pytest.raises(ServerNotReady, match=rf"process ids: .*{backend}.*Wait for them"):
            server.start()
        with pytest.raises(ServerDidNotStop, match=rf"process ids: .*{backend}.*end them"):
            server.stop()
        assert server.status().state is State.STOPPED
        os.kill(backend, signal.SIGKILL)
    assert not EmbeddedPostgres(home).start().adopted


@pytest.mark.faults
@pytest.mark.parametrize("name", ["sleep", "postgres"])
def test_a_process_that_got_the_pid_of_a_dead_server_is_left_alone(
    home: Path, root_folder: Path, name: str
) -> None:
    # The second one even has the name of a server, and works elsewhere.
    command = root_folder / name
    shutil.copy(shutil.which("sleep") or "/bin/sleep", command)
    server = EmbeddedPostgres(home)
    connection = server.start()
    pid_file = data_of(home) / "postmaster.pid"
    content = pid_file.read_text()
    socket_lock = connection.socket_folder / ".s.PGSQL.5432.lock"
    server.stop()
    with innocent(home, (str(command), "60")) as pid:
        put(pid_file, re.sub(r"^\d+", str(pid), content))
        put(socket_lock, f"{pid}\n{data_of(home)}\n")
        assert server.status().state is State.STOPPED
        assert server.stop() is False
        with running(home) as again:
            assert not again.adopted
            assert value(again, "SELECT 1") == 1


def test_a_broken_pid_file_is_no_obstacle(home: Path) -> None:
    server = EmbeddedPostgres(home)
    for content in ("", "nonsense\n", "999999999\n", "1\n/elsewhere\n"):
        put(data_of(home) / "postmaster.pid", content)
        assert server.status().state is State.STOPPED
        assert server.stop() is False
        with running(home) as connection:
            assert not connection.adopted


@pytest.mark.faults
@pytest.mark.parametrize("with_its_child", [True, False])
def test_an_initdb_that_broke_off_is_begun_afresh(new_home: Path, with_its_child: bool) -> None:
    body = "EmbeddedPostgres(Path(sys.argv[1])).start()"
    first = program(body, new_home)
    place = "*/18/data.unfinished" if AS_ROOT else "18/data.unfinished"
    above = Path(os.environ[embedded.ROOT_FOLDER_VARIABLE]) if AS_ROOT else new_home / "postgres"
    place = place.replace("18", str(find_binaries().major))
    wait_until(lambda: list(above.glob(f"{place}/global/*")))
    first.kill()
    if with_its_child:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.fsencode(above) in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
    output_of(first)
    assert EmbeddedPostgres(new_home).status().state is State.NOT_INITIALISED
    connection = EmbeddedPostgres(new_home).start()
    assert value(connection, "SELECT 1") == 1
    assert not list(above.glob(place))
    assert not list(above.glob("**/initdb.password"))


def test_complete_data_is_kept_when_all_else_is_lost(open_home: Path) -> None:
    server = EmbeddedPostgres(open_home)
    value(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    server.stop()
    for path in (open_home / "postgres").iterdir():
        if path.is_file():
            path.unlink()
    connection = server.start()
    assert value(connection, "SELECT number FROM kept") == 7
    # The owner has got a new password.
    assert (open_home / "postgres" / "password").read_text() == connection.password


@pytest.mark.faults
def test_a_killed_server_that_nobody_has_reaped_is_gone(home: Path) -> None:
    # As in a container whose first process does not look after orphans.
    body = """
        import ctypes, os, signal
        PR_SET_CHILD_SUBREAPER = 36
        assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
        server = EmbeddedPostgres(Path(sys.argv[1]))
        server.start()
        pid = server.status().pid
        os.kill(pid, signal.SIGKILL)
        print(server.start().adopted, 'Z (zombie)' in Path(f'/proc/{pid}/status').read_text())
    """
    assert output_of(program(body, home)) == "False True\n"


@pytest.mark.faults
def test_a_lost_password_is_renewed_after_a_crash_too(home: Path) -> None:
    server = EmbeddedPostgres(home)
    value(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    (home / "postgres" / "password").unlink()
    with pytest.raises(PasswordRefused, match="stop the embedded server"):
        server.start()
    os.kill(running_pid(home), signal.SIGKILL)
    wait_until(lambda: server.status().state is State.STOPPED)
    assert value(server.start(), "SELECT number FROM kept") == 7


def test_a_server_in_another_container_is_used_and_not_stopped(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    with monkeypatch.context() as unseen:
        unseen.setattr(cluster, "_is_postgres_in", lambda data, pid: False)
        connection = server.start()
        assert connection.adopted
        assert (server.status().state, server.status().pid) == (State.RUNNING, None)
        with pytest.raises(ServerDidNotStop, match="another container"):
            server.stop()
        assert value(connection, "SELECT 1") == 1


# ---------------------------------------------------------------- awkward paths


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        'it\'s $HOME `id` "quoted" \\ %s',
        "-blåbær 漢字",
        "comma,colon:",
        "long" * 40,
    ],
)
def test_any_path_will_do(new_home: Path, name: str) -> None:
    inner = new_home / name
    try:
        with running(inner) as connection:
            assert value(connection, "SELECT 1") == 1
            socket = connection.socket_folder / ".s.PGSQL.5432"
            assert socket.is_socket()
            assert connection.socket_folder.stat().st_mode & 0o777 == 0o700
            text = connection.url.render_as_string(hide_password=False)
            with contextlib.closing(sa.create_engine(text).raw_connection()) as raw:
                assert raw.dbapi_connection is not None
        assert not socket.exists()
    finally:
        EmbeddedPostgres(inner).stop()


def test_the_folder_for_a_socket_that_found_no_room_is_removed_and_stays_the_same(
    open_home: Path,
) -> None:
    home = open_home / ("long" * 40)
    with running(home) as first:
        pass
    assert not first.socket_folder.exists()
    first.socket_folder.write_text("somebody else has taken the name")
    with running(home) as second:
        assert second.socket_folder != first.socket_folder
    first.socket_folder.unlink()
    with running(home) as third:
        assert third.url == first.url
        os.kill(running_pid(home), signal.SIGKILL)
        assert EmbeddedPostgres(home).start().url == first.url
    EmbeddedPostgres(home).stop()


def test_no_room_for_a_socket_is_said(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "fits_socket", lambda folder: False)
    with pytest.raises(SocketUnusable, match="shorter path"):
        EmbeddedPostgres(new_home).start()


# ---------------------------------------------------------------- errors


def check(error: pytest.ExceptionInfo[EmbeddedPostgresError], *parts: object) -> None:
    for part in parts:
        assert str(part) in str(error.value)
    assert error.value.problem
    assert error.value.remedy


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(FolderUnusable) as error:
            EmbeddedPostgres(home).start()
        check(error, tmp_path / "file", "in the way")


def test_a_line_break_in_the_path(root_folder: Path) -> None:
    with pytest.raises(FolderUnusable, match="line break"):
        EmbeddedPostgres(root_folder / "two\nlines").start()


@pytest.mark.skipif(AS_ROOT, reason="root can write everywhere")
def test_a_home_that_may_not_be_written_to(new_home: Path) -> None:
    new_home.mkdir(mode=0o500)
    with pytest.raises(FolderUnusable) as error:
        EmbeddedPostgres(new_home).start()
    check(error, new_home, "Permission denied", "choose another home")


@pytest.mark.skipif(not AS_ROOT, reason="only root can make somebody else's home")
def test_somebody_elses_home(home: Path, tmp_path: Path, root_folder: Path) -> None:
    body = """
        for act in (lambda s: s.start(), lambda s: s.stop(), lambda s: s.status()):
            try:
                print(act(EmbeddedPostgres(Path(sys.argv[1]))))
            except Exception as error:
                print(type(error).__name__)
    """
    (root_folder / "home" / "postgres").mkdir(parents=True)
    (root_folder / "home").chmod(0o700)
    stranger = program(body, root_folder / "home", uid=pwd.getpwnam("nobody").pw_uid)
    assert output_of(stranger).split() == ["FolderUnusable"] * 3


def test_foreign_files_where_the_data_goes(open_home: Path) -> None:
    data = open_home / "postgres" / str(find_binaries().major) / "data"
    data.mkdir(parents=True)
    for folder in (open_home, *data.parents[:2]):
        folder.chmod(0o711)
    (data / "letter.txt").write_text("keep me")
    with pytest.raises(FolderUnusable, match=r"not empty.*Move it away"):
        EmbeddedPostgres(open_home).start()
    assert (data / "letter.txt").read_text() == "keep me"


def test_data_that_is_gone_is_not_replaced_by_an_empty_database(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    data = data_of(home)
    aside = data.with_name("aside")
    data.rename(aside)
    for act in (server.start, server.stop, server.status):
        with pytest.raises(DataMissing) as error:
            act()
        check(error, data, "restore a backup")
    assert not data.exists()
    aside.rename(data)
    assert not server.start().adopted


def test_no_binaries(new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    with pytest.raises(BinariesNotFound) as error:
        EmbeddedPostgres(new_home).start()
    check(error, BINARIES_VARIABLE, tmp_path, "holds no postgres")


def test_binaries_that_do_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    for script, complaint in (
        ("#!/bin/sh\necho no such library >&2; exit 127", "no such library"),
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 9.6.1'", "version 9.6.1"),
        ("not a program", "doesn't run"),
    ):
        for name in ("postgres", "initdb", "pg_ctl"):
            (tmp_path / name).write_text(script)
            (tmp_path / name).chmod(0o755)
        with pytest.raises(BinariesNotFound, match=complaint):
            find_binaries()


def test_nothing_to_find_names_what_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.postgres.binaries._candidates", lambda: iter([Path("/nowhere")]))
    with pytest.raises(BinariesNotFound, match=r"(?s)/nowhere: holds no.*pip install"):
        find_binaries()


def binaries_of_each_major() -> dict[int, Binaries]:
    found = {}
    for major in SUPPORTED_MAJORS:
        with contextlib.suppress(BinariesNotFound):
            found[major] = find_binaries(major)
    return found


@pytest.mark.parametrize("major", sorted(binaries_of_each_major())[:-1])
def test_older_versions_run_and_their_data_is_used_again(new_home: Path, major: int) -> None:
    older = binaries_of_each_major()[major]
    connection = EmbeddedPostgres(new_home, binaries=older).start()
    assert value(connection, "SHOW data_checksums") == "on"
    assert value(connection, "SELECT lower('BLÅBÆRØL')") == "blåbærøl"
    value(connection, "CREATE TABLE kept AS SELECT 7 AS number")
    EmbeddedPostgres(new_home).stop()

    # Without a word about versions, the data decides.
    assert value(EmbeddedPostgres(new_home).start(), "SELECT number FROM kept") == 7
    EmbeddedPostgres(new_home).stop()
    with pytest.raises(WrongVersion) as error:
        EmbeddedPostgres(new_home, binaries=find_binaries()).start()
    check(error, f"PostgreSQL {major}", find_binaries().version, "pg_dump")


def test_data_of_a_version_that_is_not_installed(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    put(data_of(home) / "PG_VERSION", "14\n")
    with pytest.raises(WrongVersion) as error:
        server.stop()
        server.start()
    check(error, "PostgreSQL 14", "Install PostgreSQL 14", BINARIES_VARIABLE)
    assert server.status().state is State.STOPPED


def test_a_server_that_does_not_start_is_quoted(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    configuration = data_of(home) / "postgresql.auto.conf"
    put(configuration, "max_connections = many\n")
    with pytest.raises(ServerDidNotStart) as error:
        server.start()
    check(error, "max_connections", "many", "did not start", data_of(home).parent / "log")
    # This one fails only after it has opened its own log.
    put(configuration, "shared_preload_libraries = 'no_such_library'\n")
    with pytest.raises(ServerDidNotStart, match="no_such_library"):
        server.start()
    put(configuration, "")
    assert not server.start().adopted


def test_an_initdb_that_fails_is_quoted(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_locales", lambda major: [("--locale=nowhere",)])
    with pytest.raises(InitFailed, match="nowhere"):
        EmbeddedPostgres(new_home).start()
    monkeypatch.setattr(cluster, "_locales", lambda major: [("--locale=nowhere",), ("--locale=C",)])
    assert not EmbeddedPostgres(new_home).start().adopted


def test_a_lock_that_is_held_too_long(home: Path) -> None:
    server = EmbeddedPostgres(home, timeout_seconds=0.2)
    EmbeddedPostgres(home).start()
    with (home / "postgres" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for act in (server.start, server.stop):
            with pytest.raises(LockHeld) as error:
                act()
            check(error, home, os.getpid(), "Wait for it")
        assert server.status().state is State.RUNNING


def test_a_password_that_is_not_the_owners(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    kept = home / "postgres" / "password"
    kept.write_text("another")
    with pytest.raises(PasswordRefused) as error:
        server.start()
    check(error, kept, "remove the file")
    server.stop()
    kept.unlink()
    assert value(server.start(), "SELECT 1") == 1


def test_a_broken_state_file(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    state = home / "postgres" / "state.json"
    content = state.read_text()
    state.write_text("{")
    with pytest.raises(FolderUnusable, match=r"state\.json"):
        server.stop()
    state.write_text(content)


@pytest.mark.faults
def test_a_server_that_is_silent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_TIMEOUT_SECONDS", 2)
    EmbeddedPostgres(home).start()
    pid = running_pid(home)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ServerNotReady, match=rf"process id {pid}.*took no connection"):
            EmbeddedPostgres(home, timeout_seconds=1).start()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert EmbeddedPostgres(home).start().adopted


# ---------------------------------------------------------------- as root, and not as root

as_root = pytest.mark.skipif(not AS_ROOT, reason="needs root, to be another account as well")


def account(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(name, entry.pw_uid, entry.pw_gid)


@as_root
def test_as_root_the_server_runs_as_an_unprivileged_account(
    new_home: Path, root_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(USER_VARIABLE, "nobody")
    EmbeddedPostgres(new_home).start()
    nobody = account("nobody")
    assert Path(f"/proc/{running_pid(new_home)}").stat().st_uid == nobody.uid
    data = data_of(new_home)
    # The new_home is closed to that account, so the data had to go elsewhere.
    assert data.is_relative_to(root_folder)
    for folder in (data.parents[1], data.parents[0], data):
        assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (nobody.uid, 0o700)
    assert (new_home / "postgres" / "password").stat().st_uid == 0
    # Whom the data belongs to stays the one, whatever is asked for later.
    monkeypatch.setenv(USER_VARIABLE, "daemon")
    EmbeddedPostgres(new_home).stop()
    EmbeddedPostgres(new_home).start()
    assert Path(f"/proc/{running_pid(new_home)}").stat().st_uid == nobody.uid


@as_root
def test_as_root_a_new_home_does_not_inherit_the_data_of_the_one_before(home: Path) -> None:
    server = EmbeddedPostgres(home)
    value(server.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    server.stop()
    place = data_of(home).parents[1]
    shutil.rmtree(home)
    with pytest.raises(FolderUnusable) as error:
        server.start()
    check(error, place, home, "remove that folder", "state.json")
    (advised,) = re.findall(r"write ({.*}) into", str(error.value))
    (home / "postgres" / "state.json").write_text(advised)
    assert value(server.start(), "SELECT number FROM kept") == 7


@as_root
def test_as_root_data_stays_in_a_home_that_the_account_can_reach(open_home: Path) -> None:
    EmbeddedPostgres(open_home).start()
    data = data_of(open_home)
    assert data.is_relative_to(open_home)
    assert data.stat().st_uid != 0
    assert not account("nobody").can_enter(data)


@as_root
@pytest.mark.parametrize(
    ("name", "complaint"), [("no-such-user", "no OS account"), ("root", "root")]
)
def test_as_root_an_account_that_will_not_do(
    new_home: Path, monkeypatch: pytest.MonkeyPatch, name: str, complaint: str
) -> None:
    monkeypatch.setenv(USER_VARIABLE, name)
    with pytest.raises(AccountUnusable) as error:
        EmbeddedPostgres(new_home).start()
    check(error, name, complaint, USER_VARIABLE)


@as_root
def test_as_root_programs_in_a_closed_folder_are_copied_once(
    new_home: Path, root_folder: Path, tmp_path: Path
) -> None:
    original = find_binaries()
    base, files = original._sources()
    for file in files:
        target = tmp_path / "closed" / file.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    (tmp_path / "closed").chmod(0o700)
    closed = Binaries(tmp_path / "closed" / original.folder.relative_to(base), original.version)
    server = EmbeddedPostgres(new_home, binaries=closed)

    with server.in_use() as connection:
        assert value(connection, "SELECT 1") == 1
        program_file = Path(f"/proc/{running_pid(new_home)}/exe").readlink()
    assert program_file.is_relative_to(root_folder / "binaries")
    assert (tmp_path / "closed").stat().st_mode & 0o777 == 0o700

    # Half a copy, as after a power cut, is made anew; a whole one is used again.
    program_file.write_bytes(program_file.read_bytes()[:1000])
    with server.in_use():
        pass
    made = program_file.stat().st_ctime_ns
    with server.in_use():
        assert program_file.stat().st_ctime_ns == made
    assert len(list((root_folder / "binaries").iterdir())) == 1


@as_root
def test_as_root_in_an_ordinary_users_home(open_home: Path) -> None:
    nobody = account("nobody")
    open_home.mkdir()
    os.chown(open_home, nobody.uid, nobody.gid)
    value(EmbeddedPostgres(open_home).start(), "CREATE TABLE kept AS SELECT 7 AS number")
    assert data_of(open_home).stat().st_uid == nobody.uid
    body = """
        server = EmbeddedPostgres(Path(sys.argv[1]))
        print(server.start().adopted, server.stop(), server.start().adopted, server.stop())
    """
    assert output_of(program(body, open_home, uid=nobody.uid)) == "True True False True\n"


@as_root
def test_as_an_ordinary_user(open_home: Path) -> None:
    nobody = account("nobody")
    os.chown(open_home.parent, nobody.uid, nobody.gid)
    body = """
        import os, signal, psycopg2
        home = Path(sys.argv[1])
        server = EmbeddedPostgres(home)
        with running(home) as connection:
            assert not connection.adopted
            assert server.start().adopted
        os.kill(server.status().pid, signal.SIGKILL)
        assert not server.start().adopted
        assert server.status().data_folder.is_relative_to(home)
        assert server.stop() and not server.stop()
        print('all of it')
    """
    assert output_of(program(body, open_home, uid=nobody.uid)) == "all of it\n"
    assert all(path.stat().st_uid == nobody.uid for path in open_home.rglob("*"))
