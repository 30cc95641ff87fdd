"""Fees to the øre, by the day of sending or paying and by the day a claim falls due."""

from datetime import date

import msgspec
import pytest

from ledger.domain.rate_missing import RateMissing
from ledger.domain.rates import CollectionFee, CourtFeeKind, Fee, Rates

D = date.fromisoformat
BEFORE, AFTER = D("2020-09-30"), D("2020-10-01")
"""Due dates: the last day of the old shares and bands, and the first day of the new ones."""
LAST_700, FIRST_750 = D("2025-12-31"), D("2026-01-01")
"""Days of sending or paying: the last day of the rate of 700 kroner, the first of 750."""


@pytest.mark.parametrize(
    ("sent_on", "due_date", "small_fee", "own_demand_fee"),
    [
        ("2017-01-01", "2017-01-01", 70_00, 210_00),
        ("2018-12-31", "2018-12-01", 70_00, 210_00),
        ("2019-01-01", "2018-12-01", 70_00, 210_00),
        ("2020-10-14", "2020-09-30", 70_00, 210_00),
        ("2020-10-15", "2020-10-01", 35_00, 105_00),
        ("2025-12-31", "2020-09-30", 70_00, 210_00),
        ("2025-12-31", "2020-10-01", 35_00, 105_00),
        ("2025-12-31", "2025-12-10", 35_00, 105_00),
        ("2026-01-01", "2025-12-10", 38_00, 113_00),
        ("2026-01-01", "2020-10-01", 38_00, 113_00),
        ("2026-01-01", "2020-09-30", 75_00, 225_00),
        ("2026-03-30", "2026-03-16", 38_00, 113_00),
        ("2026-12-31", "2026-12-31", 38_00, 113_00),
    ],
)
def test_small_fees(
    rates: Rates, sent_on: str, due_date: str, small_fee: int, own_demand_fee: int
) -> None:
    assert rates.small_fee_max(D(sent_on), D(due_date)).amount == small_fee
    assert rates.own_demand_fee_max(D(sent_on), D(due_date)).amount == own_demand_fee


def test_a_fee_says_what_it_rests_on(rates: Rates) -> None:
    assert rates.small_fee_max(D("2026-03-30"), D("2026-03-16")) == Fee(
        38_00, "INKF-1-2/2026", "FOR-2025-12-19-2709; FOR-2020-06-19-1248"
    )
    assert rates.small_fee_max(LAST_700, AFTER).rule == "INKF-1-2/2019"
    assert rates.small_fee_max(LAST_700, BEFORE).rule == "INKF-1-2-before-2020-10/2019"


@pytest.mark.parametrize(
    ("sent_on", "due_date", "table", "on"),
    [
        ("2016-12-31", "2017-01-01", "collection_rate", "2016-12-31"),
        ("2027-01-01", "2026-12-01", "collection_rate", "2027-01-01"),
        ("2026-03-30", "2016-12-31", "fee_shares", "2016-12-31"),
        ("2026-03-30", "2027-01-01", "fee_shares", "2027-01-01"),
    ],
)
def test_no_small_fee_without_a_row(
    rates: Rates, sent_on: str, due_date: str, table: str, on: str
) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.small_fee_max(D(sent_on), D(due_date))
    assert (caught.value.table, caught.value.on) == (table, D(on))
    assert table in str(caught.value)
    assert on in str(caught.value)
    with pytest.raises(RateMissing):
        rates.own_demand_fee_max(D(sent_on), D(due_date))


NEW_BANDS = [
    # Up to and including, in the øre; light and heavy at a rate of 700, then of 750.
    (1, "<=500", 175_00, 350_00, 187_50, 375_00),
    (413_00, "<=500", 175_00, 350_00, 187_50, 375_00),
    (500_00, "<=500", 175_00, 350_00, 187_50, 375_00),
    (500_01, "<=1000", 245_00, 490_00, 262_50, 525_00),
    (1_000_00, "<=1000", 245_00, 490_00, 262_50, 525_00),
    (1_000_01, "<=2500", 280_00, 560_00, 300_00, 600_00),
    (2_500_00, "<=2500", 280_00, 560_00, 300_00, 600_00),
    (2_500_01, "<=10000", 560_00, 1_120_00, 600_00, 1_200_00),
    (10_000_00, "<=10000", 560_00, 1_120_00, 600_00, 1_200_00),
    (10_000_01, "<=50000", 1_120_00, 2_240_00, 1_200_00, 2_400_00),
    (50_000_00, "<=50000", 1_120_00, 2_240_00, 1_200_00, 2_400_00),
    (50_000_01, "<=250000", 2_520_00, 5_040_00, 2_700_00, 5_400_00),
    (250_000_00, "<=250000", 2_520_00, 5_040_00, 2_700_00, 5_400_00),
    (250_000_01, ">250000", 5_040_00, 10_080_00, 5_400_00, 10_800_00),
    (10**15, ">250000", 5_040_00, 10_080_00, 5_400_00, 10_800_00),
]


@pytest.mark.parametrize("due_date", [AFTER, D("2026-12-31")])
@pytest.mark.parametrize(
    ("claim", "band", "light_700", "heavy_700", "light_750", "heavy_750"), NEW_BANDS
)
def test_bands_of_claims_due_from_october_2020(
    rates: Rates,
    due_date: date,
    claim: int,
    band: str,
    light_700: int,
    heavy_700: int,
    light_750: int,
    heavy_750: int,
) -> None:
    for on, heavy, net in (
        (LAST_700, False, light_700),
        (LAST_700, True, heavy_700),
        (FIRST_750, False, light_750),
        (FIRST_750, True, heavy_750),
    ):
        cap = rates.collection_fee_cap(claim, due_date, on, heavy=heavy, vat_deductible=True)
        assert (cap.net, cap.vat, cap.total, cap.band) == (net, 0, net, band)


@pytest.mark.parametrize("due_date", [D("2017-01-01"), BEFORE])
@pytest.mark.parametrize(
    ("claim", "band", "light", "heavy"),
    [
        (1, "<=2500", 350_00, 700_00),
        (500_01, "<=2500", 350_00, 700_00),
        (2_500_00, "<=2500", 350_00, 700_00),
        (2_500_01, "<=10000", 700_00, 1_400_00),
        (10_000_00, "<=10000", 700_00, 1_400_00),
        (10_000_01, "<=50000", 1_400_00, 2_800_00),
        (50_000_00, "<=50000", 1_400_00, 2_800_00),
        (50_000_01, "<=250000", 2_800_00, 5_600_00),
        (250_000_00, "<=250000", 2_800_00, 5_600_00),
        (250_000_01, ">250000", 5_600_00, 11_200_00),
    ],
)
def test_bands_of_claims_due_before(
    rates: Rates, due_date: date, claim: int, band: str, light: int, heavy: int
) -> None:
    for is_heavy, net in ((False, light), (True, heavy)):
        for on in (D("2017-01-01"), D("2020-10-15"), LAST_700):
            cap = rates.collection_fee_cap(claim, due_date, on, heavy=is_heavy, vat_deductible=True)
            assert (cap.net, cap.band) == (net, band)


@pytest.mark.parametrize(
    ("claim", "light", "heavy"),
    [
        (500_00, (187_50, 46_88), (375_00, 93_75)),
        (1_000_00, (262_50, 65_63), (525_00, 131_25)),
        (2_500_00, (300_00, 75_00), (600_00, 150_00)),
        (10_000_00, (600_00, 150_00), (1_200_00, 300_00)),
        (50_000_00, (1_200_00, 300_00), (2_400_00, 600_00)),
        (250_000_00, (2_700_00, 675_00), (5_400_00, 1_350_00)),
        (250_000_01, (5_400_00, 1_350_00), (10_800_00, 2_700_00)),
    ],
)
def test_value_added_tax_comes_on_top_where_the_clinic_cannot_deduct_it(
    rates: Rates, claim: int, light: tuple[int, int], heavy: tuple[int, int]
) -> None:
    for is_heavy, (net, vat) in ((False, light), (True, heavy)):
        cap = rates.collection_fee_cap(
            claim, D("2026-03-16"), D("2026-05-08"), heavy=is_heavy, vat_deductible=False
        )
        assert (cap.net, cap.vat, cap.total) == (net, vat, net + vat)


def test_the_table_of_2026_with_tax(rates: Rates) -> None:
    totals = [
        rates.collection_fee_cap(claim, AFTER, FIRST_750, heavy=heavy, vat_deductible=False).total
        for claim in (500_00, 500_01, 1_000_01, 2_500_01, 10_000_01, 50_000_01, 250_000_01)
        for heavy in (False, True)
    ]
    assert totals == [
        234_38, 468_75, 328_13, 656_25, 375_00, 750_00, 750_00, 1_500_00, 1_500_00, 3_000_00,
        3_375_00, 6_750_00, 6_750_00, 13_500_00,
    ]  # fmt: skip


def test_a_cap_goes_by_the_day_of_payment(rates: Rates) -> None:
    due = D("2025-11-03")
    before = rates.collection_fee_cap(
        413_00, due, D("2025-12-30"), heavy=False, vat_deductible=False
    )
    after = rates.collection_fee_cap(
        413_00, due, D("2026-01-05"), heavy=False, vat_deductible=False
    )
    assert (before.total, before.rule) == (218_75, "INKF-2-2/2019")
    assert after == CollectionFee(
        187_50, 46_88, "<=500", "INKF-2-2/2026", "FOR-2025-12-19-2709; FOR-2020-06-19-1248"
    )


def test_light_and_heavy_rest_on_different_rules(rates: Rates) -> None:
    heavy = rates.collection_fee_cap(413_00, AFTER, FIRST_750, heavy=True, vat_deductible=False)
    assert (heavy.rule, heavy.total) == ("INKF-2-3/2026", 468_75)
    old = rates.collection_fee_cap(413_00, BEFORE, LAST_700, heavy=True, vat_deductible=False)
    assert (old.rule, old.net, old.vat) == ("INKF-2-3-before-2020-10/2019", 700_00, 175_00)


@pytest.mark.parametrize("claim", [0, -1])
def test_there_is_no_collection_fee_on_nothing(rates: Rates, claim: int) -> None:
    with pytest.raises(ValueError, match="claim of nothing"):
        rates.collection_fee_cap(claim, AFTER, FIRST_750, heavy=False, vat_deductible=True)


@pytest.mark.parametrize(
    ("due_date", "on", "table"),
    [
        ("2016-12-31", "2026-05-08", "collection_bands"),
        ("2027-01-01", "2026-05-08", "collection_bands"),
        ("2026-03-16", "2027-01-01", "collection_rate"),
        ("2017-01-01", "2016-12-31", "collection_rate"),
    ],
)
def test_no_collection_fee_without_a_row(rates: Rates, due_date: str, on: str, table: str) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.collection_fee_cap(413_00, D(due_date), D(on), heavy=False, vat_deductible=True)
    assert caught.value.table == table


@pytest.mark.parametrize(
    ("on", "net", "vat"),
    [("2017-01-01", 1_050_00, 262_50), ("2025-12-31", 1_050_00, 262_50),
     ("2026-01-01", 1_125_00, 281_25), ("2026-12-31", 1_125_00, 281_25)],
)  # fmt: skip
def test_plan_supplement(rates: Rates, on: str, net: int, vat: int) -> None:
    cap = rates.plan_supplement_cap(D(on), vat_deductible=False)
    assert (cap.net, cap.vat, cap.total) == (net, vat, net + vat)
    assert cap.more_than_instalments == 4
    assert rates.plan_supplement_cap(D(on), vat_deductible=True).total == net


def test_plan_supplement_says_what_it_rests_on(rates: Rates) -> None:
    cap = rates.plan_supplement_cap(D("2026-05-15"), vat_deductible=False)
    assert cap.rule == "INKF-2-4/2026"
    assert cap.source == "FOR-2025-12-19-2709; FOR-1989-07-14-562 § 2-4"


def test_a_row_of_one_act_is_not_used_under_the_other(rates: Rates) -> None:
    switched = msgspec.structs.replace(rates, second_regime_from=D("2026-07-01"))
    last, first = D("2026-06-30"), D("2026-07-01")
    due = D("2026-03-16")
    assert switched.small_fee_max(last, due).amount == 38_00
    assert switched.own_demand_fee_max(last, due).amount == 113_00
    with pytest.raises(RateMissing) as caught:
        switched.small_fee_max(first, due)
    assert (caught.value.table, caught.value.on) == ("collection_rate", first)
    with pytest.raises(RateMissing) as caught:
        switched.own_demand_fee_max(first, due)
    assert (caught.value.table, caught.value.on) == ("fee_shares", first)
    with pytest.raises(RateMissing):
        switched.collection_fee_cap(413_00, due, first, heavy=False, vat_deductible=False)
    with pytest.raises(RateMissing):
        switched.plan_supplement_cap(first, vat_deductible=False)
    assert switched.interest_rate(first).rate_bp == 12_25  # another act's matter


@pytest.mark.parametrize(
    ("kind", "on", "amount"),
    [
        ("conciliation", "2024-01-01", 1_404_70),
        ("conciliation", "2024-12-31", 1_404_70),
        ("conciliation", "2026-01-01", 2_071_00),
        ("conciliation", "2026-12-31", 2_071_00),
        ("attachment", "2026-01-01", 928_00),
        ("attachment", "2026-12-31", 928_00),
    ],
)
def test_court_fees(rates: Rates, kind: CourtFeeKind, on: str, amount: int) -> None:
    assert rates.court_fee(kind, D(on)).amount == amount


@pytest.mark.parametrize(
    ("kind", "on"),
    [
        ("conciliation", "2023-12-31"),
        ("conciliation", "2025-01-01"),
        ("conciliation", "2025-12-31"),
        ("conciliation", "2027-01-01"),
        ("attachment", "2025-12-31"),
        ("attachment", "2027-01-01"),
    ],
)
def test_no_court_fee_without_a_row(rates: Rates, kind: CourtFeeKind, on: str) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.court_fee(kind, D(on))
    assert (caught.value.table, caught.value.on) == (f"{kind}_fee", D(on))


def test_drafting_fee(rates: Rates) -> None:
    for on in ("2026-01-01", "2026-12-31"):
        assert rates.drafting_fee(D(on)).amount == 672_00
    for on in ("2025-12-31", "2027-01-01"):
        with pytest.raises(RateMissing):
            rates.drafting_fee(D(on))


@pytest.mark.parametrize(
    ("year", "amount"),
    [(2019, 1_150_00), (2020, 1_172_00), (2021, 1_199_00), (2022, 1_223_00), (2023, 1_243_00),
     (2024, 1_277_00), (2025, 1_314_00), (2026, 1_345_00)],
)  # fmt: skip
def test_court_unit(rates: Rates, year: int, amount: int) -> None:
    for on in (date(year, 1, 1), date(year, 12, 31)):
        fee = rates.court_unit_fee(on)
        assert (fee.amount, fee.rule) == (amount, f"RGL-1/{year}")


def test_value_added_tax(rates: Rates) -> None:
    assert rates.vat_rate_bp(D("2017-01-01")) == rates.vat_rate_bp(D("2026-12-31")) == 25_00
    for on in ("2016-12-31", "2027-01-01"):
        with pytest.raises(RateMissing):
            rates.vat_rate_bp(D(on))


@pytest.mark.parametrize(
    ("year", "amount", "second"),
    [(2019, 2_369_00, 2_085_00), (2020, 2_460_00, 2_176_00), (2021, 2_460_00, None),
     (2022, 2_921_00, None), (2023, 3_040_00, None), (2024, 3_165_00, None),
     (2025, 3_278_00, None), (2026, 3_278_00, None)],
)  # fmt: skip
def test_frikort(rates: Rates, year: int, amount: int, second: int | None) -> None:
    ceiling = rates.frikort_ceiling(year)
    assert (ceiling.amount, ceiling.second, ceiling.rule) == (amount, second, f"FTRL-5-3/{year}")


@pytest.mark.parametrize("year", [2018, 2027])
def test_no_frikort_ceiling_without_a_row(rates: Rates, year: int) -> None:
    with pytest.raises(RateMissing) as caught:
        rates.frikort_ceiling(year)
    assert (caught.value.table, caught.value.on) == ("frikort", date(year, 1, 1))


def test_every_rule_is_short_and_printable(rates: Rates) -> None:
    on, due = D("2026-05-08"), D("2026-03-16")
    rules = [
        rates.small_fee_max(on, BEFORE).rule,
        rates.own_demand_fee_max(on, due).rule,
        rates.collection_fee_cap(1, BEFORE, on, heavy=True, vat_deductible=False).rule,
        rates.plan_supplement_cap(on, vat_deductible=False).rule,
        rates.interest_rate(on).rule,
        rates.court_fee("conciliation", on).rule,
        rates.court_fee("attachment", on).rule,
        rates.drafting_fee(on).rule,
        rates.frikort_ceiling(2026).rule,
    ]
    assert len(set(rules)) == len(rules)
    for rule in rules:
        assert rule.isascii()
        assert rule.isprintable()
        assert len(rule) <= 40
