"""What the command answers about a book: by words, by JSON and by exit codes."""

import json
import os
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.log.engine import connect
from ledger.postgres.embedded import EmbeddedPostgres
from ledger.projections import PROJECTIONS
from tests.cli.command import Caseledger, Ended, finished, interrupted
from tests.cli.histories import MAPPING, event, fine, fines, trace, written
from tests.conftest import Databases

BOOK = "fines"


@pytest.fixture(scope="module")
def imported(caseledger: Caseledger, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What `import --json` said of the module's book: F1 to F3."""
    file = written(tmp_path_factory.mktemp("logs") / "fines.xes", *fines(1, 3))
    ended = caseledger.run("import", "xes", file, "--mapping", MAPPING, "--book", BOOK, "--json")
    assert ended.err == "", "a script's stderr holds only what is wrong"
    return ended.json


@pytest.fixture(scope="module")
def book(imported: Any) -> str:
    """The book's name."""
    return BOOK


def test_import_answers_in_json(imported: Any) -> None:
    expected = {
        "cases": 3,
        "cases_recorded": 3,
        "cases_refused": 0,
        "events_read": 9,
        "events_recorded": 9,
        "events_refused": 0,
        "position": 12,
        "error": None,
    }
    assert {key: imported[key] for key in expected} == expected
    assert imported["activities"]["Payment"] == {
        "read": 3, "recorded": 3, "already_recorded": 0, "refused": 0
    }  # fmt: skip
    assert isinstance(imported["seconds"], float)
    assert imported["seconds"] > 0


def test_trial_balance_answers_in_json(caseledger: Caseledger, book: str) -> None:
    ended = caseledger.run("report", "trial-balance", "--book", book, "--json")
    assert ended.err == ""
    report = ended.json
    accounts = report.pop("accounts")
    assert report == {"book": book, "position": 12, "currency": "EUR", "total": 0}
    owed = sum(amount for name, amount in accounts.items() if name.startswith("receivable."))
    assert owed == 3 * 26_00
    assert accounts["bank.client_funds"] == 3 * 20_00
    assert accounts.get("liability.overpayment", 0) == 0
    assert sum(accounts.values()) == 0


def test_trial_balance_in_words(caseledger: Caseledger, book: str) -> None:
    out = caseledger.run("report", "trial-balance", "--book", book).out
    funds = next(line for line in out.splitlines() if line.startswith(" bank.client_funds"))
    assert funds.split() == ["bank.client_funds", "EUR", "60.00"]
    assert "Book fines at position 12." in out


def test_verify_answers_in_json(caseledger: Caseledger, book: str) -> None:
    ended = caseledger.run("verify", "--book", book, "--json")
    found = {key: ended.json[key] for key in ("cases", "events", "differences", "ok")}
    assert found == {"cases": 3, "events": 12, "differences": 0, "ok": True}
    assert ended.err == ""


def test_verify_in_words(caseledger: Caseledger, book: str) -> None:
    out = caseledger.having(CASELEDGER_BOOK=book).run("verify").out
    assert out == "3 cases, 12 events, 0 differences in book fines at position 12\n"


def test_case_show_answers_in_json(caseledger: Caseledger, book: str) -> None:
    ended = caseledger.run("case", "show", "F2", "--book", book, "--json")
    assert ended.err == ""
    case = ended.json
    assert case["state"] == "open"
    assert case["stage"] == "invoiced"
    assert case["balance"] == {"principal": 26_00}
    assert case["outstanding"] == 26_00
    assert case["reference"] == "F2"
    by_id = caseledger.run("case", "show", case["case"], "--book", book, "--json")
    assert by_id.json == case


@pytest.mark.parametrize(
    ("moment", "balance"),
    [
        (["--known-at", "6"], {"principal": 35_00}),
        (["--effective-on", "2019-07-03"], {"postage_fee": 11_00, "principal": 35_00}),
        (["--known-at", "7", "--effective-on", "2019-05-02"], {"principal": 35_00}),
    ],
)
def test_case_show_at_another_moment(
    caseledger: Caseledger, book: str, moment: list[str], balance: dict[str, int]
) -> None:
    case = caseledger.run("case", "show", "F2", "--book", book, "--json", *moment).json
    assert case["balance"] == balance
    assert case["outstanding"] == sum(balance.values())


def test_case_show_in_words(caseledger: Caseledger, book: str) -> None:
    lines = caseledger.run("case", "show", "F2", "--book", book).out.splitlines()
    assert lines[0] == "Case F2 of municipal-police: open, stage invoiced"
    assert [line.split() for line in lines[1:]] == [
        ["principal", "EUR", "26.00"],
        ["outstanding", "EUR", "26.00"],
    ]


def test_case_show_before_the_case(caseledger: Caseledger, book: str) -> None:
    named = caseledger.having(CASELEDGER_BOOK=book)
    out = named.run("case", "show", "F2", "--effective-on", "2019-05-01").out
    assert out == "Case F2 was not open yet on 2019-05-01.\n"


def test_case_history_answers_in_json(caseledger: Caseledger, book: str) -> None:
    events = caseledger.run("case", "history", "F2", "--book", book, "--json").json
    assert [event["position"] for event in events] == [5, 6, 7, 8]
    assert [event["version"] for event in events] == [1, 2, 3, 4]
    assert events[3]["type"] == "payment_received"
    assert events[3]["value_date"] == "2019-07-04"
    assert (events[3]["actor"], events[3]["channel"]) == ("system:import", "import")
    known = caseledger.run("case", "history", "F2", "--book", book, "--known-at", "6", "--json")
    assert known.json == events[:2]


def test_case_history_has_one_line_for_each_event(caseledger: Caseledger, book: str) -> None:
    named = caseledger.having(CASELEDGER_BOOK=book)
    en = named.run("case", "history", "F2").out.splitlines()
    assert len(en) == 1 + 4
    assert "Payment of EUR\N{NO-BREAK SPACE}20.00" in en[4]
    nb = named.run("case", "history", "F2", "--language", "nb").out.splitlines()
    assert len(nb) == 1 + 4
    assert "Innbetaling på 20,00" in nb[4]


def test_rebuild(caseledger: Caseledger, book: str) -> None:
    ended = caseledger.run("rebuild", "--json")
    assert set(ended.json["rebuilt"]) == {projection.name for projection in PROJECTIONS}
    assert all(events >= 12 for events in ended.json["rebuilt"].values())
    assert caseledger.run("rebuild", "journal").out.startswith("journal: ")
    assert caseledger.run("verify", "--book", book, "--json").json["ok"] is True


def test_doctor(caseledger: Caseledger, book: str) -> None:
    # An empty setting is none.
    ended = caseledger.having(CASELEDGER_DATABASE_URL="").run("doctor", "--json")
    assert ended.json["ok"] is True
    found = {check["check"]: check["detail"] for check in ended.json["checks"]}
    assert found["home"] == str(caseledger.home)
    assert found[f"book {book}"] == "12 events; read models 0 behind"


def test_migrate_has_nothing_to_do(caseledger: Caseledger, book: str) -> None:
    assert caseledger.run("migrate").out.startswith("Nothing to do")
    assert caseledger.run("migrate", "--check").code == 0
    assert "was running already" in caseledger.run("start").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["case", "show", "F99", "--book", BOOK], "book 'fines' has no case F99"),
        (["case", "history", "F1", "--book", "other"], "there is no book 'other'"),
        (["verify", "--book", "fine:s"], "there is no book 'fine:s'"),
        (["rebuild", "sums"], "there is no read model 'sums'"),
        (["case", "show", "F1", "--book", BOOK, "--known-at", "13"], "ends at position 12"),
        (["case", "show", "F2", "--book", BOOK, "--known-at", "4"], "was not known at 4"),
        (["case", "history", "F1", "--book", BOOK, "--known-at", "2999-01-01T00Z"], "not come yet"),
        (["case", "show", "\udcff[/b]:no:", "--book", BOOK], "[/b]:no:"),  # no UTF-8, no markup
    ],
)
def test_names_of_what_is_not_there(
    caseledger: Caseledger, book: str, command: list[str], said: str
) -> None:
    assert said in caseledger.refuses(*command, code=2)


@pytest.mark.parametrize("command", [["case", "history", "F1"], ["verify", "--json"]])
def test_whoever_reads_the_output_may_stop_reading(
    caseledger: Caseledger, book: str, command: list[str]
) -> None:
    ended = unread(caseledger, *command, "--book", book)
    assert (ended.code, ended.err) == (0, "")


def unread(caseledger: Caseledger, *arguments: str) -> Ended:
    """Have a command carried out whose output goes into a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    process = caseledger.begin(*arguments, out=writing)
    os.close(writing)
    os.close(reading)
    return finished(process)


def test_verify_finds_a_changed_row(caseledger: Caseledger, book: str, tmp_path: Path) -> None:
    file = written(tmp_path / "fines.xes", *fines(1, 2))
    caseledger.run("import", "xes", file, "--mapping", MAPPING, "--book", "tampered")
    tamper(caseledger, "tampered", 4, '"amount":2000', '"amount":2100')

    ended = caseledger.run("verify", "--book", "tampered", "--json", code=3)
    assert ended.json["ok"] is False
    assert ended.json["differences"] >= 1
    assert "root of the tree" in [found["what"] for found in ended.json["listed"]]

    ended = caseledger.run("verify", "--book", "tampered", code=3)
    assert "0 differences" not in ended.out
    assert "what=root of the tree" in ended.err

    assert unread(caseledger, "verify", "--book", "tampered").code == 3
    assert caseledger.run("verify", "--book", book).code == 0, "another book is whole"


def tamper(caseledger: Caseledger, book: str, position: int, before: str, after: str) -> None:
    """Change an event as only the owner of the tables can."""
    engine = connect(EmbeddedPostgres(caseledger.home).start().url, role=None)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger.events DISABLE TRIGGER append_only"))
        changed = connection.execute(
            text(
                "UPDATE ledger.events SET payload = replace(payload, :before, :after)"
                " WHERE book = :book AND position = :position AND strpos(payload, :before) > 0"
            ),
            {"book": book, "position": position, "before": before, "after": after},
        )
        assert changed.rowcount == 1
        connection.execute(text("ALTER TABLE ledger.events ENABLE ALWAYS TRIGGER append_only"))
    engine.dispose()


def test_output_that_has_no_room_is_said(caseledger: Caseledger, book: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = finished(caseledger.begin("case", "show", "F1", "--book", book, out=full))
    assert ended.code == 1
    assert ended.err == "caseledger: No space left on device\n"


def test_json_is_whole_in_any_encoding(caseledger: Caseledger, book: str) -> None:
    narrow = caseledger.having(PYTHONIOENCODING="ascii")
    plain = narrow.run("case", "history", "F1", "--book", book, "--json")
    assert plain.out.isascii()
    assert plain.json == caseledger.run("case", "history", "F1", "--book", book, "--json").json
    nb = narrow.run("case", "history", "F1", "--book", book, "--language", "nb")
    assert nb.out.isascii()


def test_an_activity_is_text_and_no_markup(
    caseledger: Caseledger, book: str, tmp_path: Path
) -> None:
    strange = trace("S1", event("[/b] :no_entry:", "2020-01-01"))
    file = written(tmp_path / "fines.xes", strange, fine("S2"))
    arguments = ("import", "xes", file, "--mapping", MAPPING, "--book", "strange")
    ended = caseledger.run(*arguments, code=7)
    assert " [/b] :no_entry: " in ended.out
    assert "'[/b] :no_entry:'" in ended.err


def test_serve(caseledger: Caseledger, book: str) -> None:
    """Until Ctrl-C; while the database is away it says so, and goes on when it is back."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} can't be used" in caseledger.refuses(
            "serve", "--port", str(port), code=2
        )
    process = caseledger.begin("serve", "--port", str(port))
    assert process.stderr is not None
    assert process.stderr.readline() == f"Serving at http://127.0.0.1:{port} until Ctrl-C.\n"
    address = f"http://127.0.0.1:{port}/v1/books/{book}"
    token = caseledger.run("token", "--role", "agent", "--book", book).out.strip()
    assert get(f"{address}/cases/F1", token)[0] == 200

    caseledger.run("stop")
    status, problem, headers = get(f"{address}/cases/F1", token)
    assert (status, problem["code"]) == (503, "database_unavailable")
    assert int(headers["Retry-After"]) > 0
    caseledger.run("start")
    assert get(f"{address}/ready", token)[0] == 200

    ended = interrupted(process)
    assert (ended.code, ended.out) == (0, "")


def get(address: str, token: str) -> tuple[int, Any, Any]:
    """Status, JSON and headers of a page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        request = urllib.request.Request(  # noqa: S310
            address, headers={"Authorization": f"Bearer {token}"}
        )
        with opener.open(request, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


def test_a_database_without_tables(caseledger: Caseledger, databases: Databases) -> None:
    """Of one's own: nothing is changed in it unasked, and `migrate` makes it fit."""
    with databases.empty() as url:
        named = caseledger.having(CASELEDGER_DATABASE_URL=url)
        assert "run `caseledger migrate`" in named.refuses("verify", code=6)
        assert "run `caseledger migrate`" in named.refuses("migrate", "--check", code=6)
        checks = named.run("doctor", "--json", code=1).json["checks"]
        assert checks[-1]["check"] == "schema"
        assert checks[-1]["ok"] is False

        assert named.run("migrate").out.endswith("(before: nothing).\n")
        assert named.run("migrate", "--check").code == 0
        assert "there is none yet" in named.refuses("verify", code=2)


def test_stop_and_start_are_for_the_embedded_server(caseledger: Caseledger) -> None:
    named = caseledger.having(CASELEDGER_DATABASE_URL="postgresql://127.0.0.1:1/x")
    assert "not ours to start or stop" in named.refuses("stop", code=1)
