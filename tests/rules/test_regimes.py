"""The two debt collection acts: which one is in force, and what each of them sets."""

from datetime import date, datetime

import msgspec
import pytest

from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import Basis, Rates, Regime, RegimeCode

D = date.fromisoformat
DEADLINES = (
    "notice_days", "demand_days", "legal_notice_days", "fee_days_after_due", "small_fees_max",
    "small_fees_reset_months", "second_fee_deadline_days", "heavy_after_days",
    "demand_valid_months", "limitation_years", "limitation_years_after_judgment",
)  # fmt: skip


def test_the_act_of_2026_is_not_in_force(rates: Rates) -> None:
    assert rates.second_regime_from is None
    assert rates.reviewed_through == D("2026-12-31")
    for on in ("2017-01-01", "2026-12-31", "2031-01-01"):
        assert rates.regime(D(on)).code == "1988"


def test_no_regime_before_the_rules_were_read(rates: Rates) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.regime(D("2016-12-31"))
    assert (caught.value.table, caught.value.on) == ("regimes", D("2016-12-31"))


def test_the_regime_changes_with_the_day(rates: Rates) -> None:
    switched = msgspec.structs.replace(rates, second_regime_from=D("2027-01-01"))
    assert switched.regime(D("2026-12-31")).code == "1988"
    assert switched.regime(D("2027-01-01")).code == "2026"


def test_what_is_reviewed(rates: Rates) -> None:
    assert rates.reviewed(D("2026-12-31"))
    assert not rates.reviewed(D("2027-01-01"))


@pytest.mark.parametrize("code", ["1988", "2026"])
def test_deadlines(rates: Rates, code: RegimeCode) -> None:
    regime = rates.regimes[code]
    assert [getattr(regime, name) for name in DEADLINES] == [14, 14, 14, 14, 2, 6, 14, 28, 6, 3, 10]
    assert not regime.minors_bear_costs
    assert not regime.late_first_invoice_bears_fee
    assert regime.paid_by_order_date
    assert regime.claims_collected_together


def test_where_the_acts_differ(rates: Rates) -> None:
    first, second = rates.regimes["1988"], rates.regimes["2026"]
    assert (first.law, second.law) == ("LOV-1988-05-13-26", "LOV-2026-05-22-19")
    assert (first.creditor_may_send_notice, second.creditor_may_send_notice) == (True, False)
    assert (first.own_demand_fee_allowed, second.own_demand_fee_allowed) == (True, False)
    assert (first.objection_answer_days, second.objection_answer_days) == (None, 7)
    assert (first.principal_remitted_days, second.principal_remitted_days) == (None, 14)
    assert first.costs_after_objection == "unless_reasonable"
    assert second.costs_after_objection == "only_if_obviously_groundless"
    assert "estimated_costs" in second.notice_states
    assert set(first.notice_states) < set(second.notice_states)


@pytest.mark.parametrize("code", ["1988", "2026"])
def test_each_figure_has_its_source(rates: Rates, code: RegimeCode) -> None:
    regime = rates.regimes[code]
    figures = {f.name for f in msgspec.structs.fields(Regime)} - {"code", "law", "basis"}
    not_in_the_act = {name for name in figures if getattr(regime, name) is None}
    assert set(regime.basis) == figures - not_in_the_act


def test_a_refusal_can_say_where_a_figure_was_read(rates: Rates) -> None:
    assert rates.regimes["1988"].source("notice_days") == "INKL § 9"
    assert rates.regimes["2026"].source("creditor_may_send_notice") == "NYINKL § 20"
    assert rates.regimes["1988"].basis["contact_hours"] == Basis("NYINKL § 15 (2), as policy", "J")


@pytest.mark.parametrize("code", ["1988", "2026"])
@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-03-16T07:59:59", False),  # a Monday
        ("2026-03-16T08:00", True),
        ("2026-03-16T20:59:59", True),
        ("2026-03-16T21:00", False),
        ("2026-03-20T20:30", True),  # a Friday
        ("2026-03-21T08:59:59", False),  # a Saturday
        ("2026-03-21T09:00", True),
        ("2026-03-21T14:59:59", True),
        ("2026-03-21T15:00", False),
        ("2026-03-21T15:30", False),
        ("2026-03-22T12:00", False),  # a Sunday
        ("2026-05-01T12:00", False),  # a Friday
        ("2027-05-17T12:00", False),  # a Monday
        ("2026-12-26T12:00", False),  # a Saturday
        ("2026-12-24T12:00", True),
    ],
)
def test_contact_hours(rates: Rates, code: RegimeCode, at: str, allowed: bool) -> None:
    assert rates.regimes[code].may_contact(datetime.fromisoformat(at)) is allowed
