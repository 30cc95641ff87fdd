"""Mapping files: what they may say, and what is said of those that can't be used."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.domain.commands import Claimed, FeeAddedUpTo, ImportHistory, ObjectionReferred
from ledger.files.mapping import CaseProblem, MappingError, load_mapping, shipped_mappings
from ledger.files.xes import Event, Trace, Value

FINES = load_mapping("road-traffic-fines")


def event(activity: str, **attributes: Value) -> Event:
    return Event(activity, datetime(2006, 7, 24, tzinfo=UTC), attributes, 7)


def trace(*events: Event, name: str = "A1") -> Trace:
    return Trace(name, {}, list(events), 3, [])


def test_the_shipped_mappings_load() -> None:
    assert shipped_mappings() == ["road-traffic-fines"]
    assert (FINES.currency, len(FINES.activities)) == ("EUR", 11)


def test_a_case_becomes_one_command() -> None:
    history = FINES.history(
        trace(
            event("Create Fine", amount=Decimal("35.0")),
            event("Add penalty", amount=Decimal("71.50")),
            event("Send Appeal to Prefecture", dismissal="#"),
        )
    )
    on = date(2006, 7, 24)
    assert isinstance(history, ImportHistory)
    assert (history.reference, history.creditor, history.on) == ("A1", "municipal-police", on)
    assert history.events == (
        Claimed(on=on, amount=35_00),
        FeeAddedUpTo(on=on, component="penalty", total=71_50),
        ObjectionReferred(on=on, dispute="prefecture", code="#", upheld=True),
    )


@pytest.mark.parametrize(
    ("events", "name", "reason", "line"),
    [
        ((event("Dance"),), "A1", "unknown_activity", 7),
        ((event("Create Fine"),), "A1", "no_amount", 7),
        ((event("Create Fine", amount="thirty"),), "A1", "bad_amount", 7),
        ((event("Create Fine", amount=Decimal("1.005")),), "A1", "bad_amount", 7),
        ((event("Create Fine", amount=Decimal(-1)),), "A1", "bad_amount", 7),
        ((event("Create Fine", amount=True),), "A1", "bad_amount", 7),
        ((event("Appeal to Judge", dismissal="x" * 51),), "A1", "bad_code", 7),
        ((), "A1", "no_events", 3),
        ((event("Create Fine", amount=1),), "a\nb", "bad_case_name", 3),
    ],
)
def test_a_case_that_can_not_be_read(
    events: tuple[Event, ...], name: str, reason: str, line: int
) -> None:
    problem = FINES.history(trace(*events, name=name))
    assert isinstance(problem, CaseProblem)
    assert (problem.reason, problem.line) == (reason, line)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source = ", "Invalid value"),
        ('source = "x"', "missing required field"),
        ('source="x"\ncreditor="x"\ncurrency="XXX"\n[activities]', "'XXX' is none of"),
        ('source="x"\ncreditor="x"\ncurrency="NOK"\nother=1\n[activities]', "other"),
        (
            'source="x"\ncreditor="x"\ncurrency="NOK"\n[activities.A]\nrecords="dance"',
            "Invalid value 'dance'",
        ),
        (
            'source="x"\ncreditor="x"\ncurrency="NOK"\n'
            '[activities.A]\nrecords="fee-added"\ncomponent="tip"\namount="a"',
            "Invalid enum value 'tip'",
        ),
    ],
)
def test_a_mapping_that_can_not_be_used(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(MappingError, match=r"own\.toml") as error:
        load_mapping(str(file))
    assert said in str(error.value)


def test_a_mapping_that_is_not_there() -> None:
    with pytest.raises(MappingError, match="road-traffic-fines"):
        load_mapping("nothing")
