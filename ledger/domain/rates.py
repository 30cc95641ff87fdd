"""Fees, rates and legal regimes as dated data, and how a decision looks them up.

A table holds rows, each in force for a stretch of days and each with the law or regulation that it
was read in. A day that no row covers raises ``RateMissing``: nothing is guessed, and no row is
taken to go on after the last day for which somebody has read the law. Amounts are in øre, rates
in basis points; shares of amounts are exact fractions. Where the rows come from is no concern of
this module (``ledger.rules`` reads them from files).
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime, time
from fractions import Fraction
from functools import lru_cache
from math import floor
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, cast

import msgspec

from ledger.domain import bank_days
from ledger.domain.rate_missing import RateMissing

Confidence = Literal["H", "M", "L", "J"]
"""How sure a row is: H read in the law or in two independent sources, M in one good source,
L to be verified, J a choice of ours and not a fact."""

WEAKEST_FIRST: Final[tuple[Confidence, ...]] = ("L", "J", "M", "H")

RegimeCode = Literal["1988", "2026"]
CourtFeeKind = Literal["conciliation", "attachment"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
)  # fmt: skip

WHOLE: Final = 10_000
"""Basis points of one whole."""

Source = Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=r"\S")]
RuleName = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,30}\Z")]
"""What an event will say that an amount rests on: printable ASCII without spaces."""


# ------------------------------------------------------------------------------------- rows


class Ore(int):
    """Øre. The tables write it in kroner."""


class BasisPoints(int):
    """Hundredths of a percent. The tables write it in percent."""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds from ``valid_from`` to ``valid_to``, both included."""

    valid_from: date
    valid_to: date
    source: Source
    confidence: Confidence


class CollectionRate(Row, frozen=True, kw_only=True):
    """Inkassosats: what fees and collection fees are shares of, by the day of sending or paying.

    ``fees_rounded_to`` is what reminder fees are rounded to, half up.
    """

    regime: RegimeCode
    amount: Ore = msgspec.field(name="kroner")
    fees_rounded_to: Ore = msgspec.field(name="fees_rounded_to_kroner")

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.fees_rounded_to <= 0:
            raise ValueError("kroner and fees_rounded_to_kroner must be more than zero")


class FeeShares(Row, frozen=True, kw_only=True):
    """What a small fee and the fee of a creditor's own demand are of the rate, by due date."""

    rule: RuleName
    small_fee: Fraction
    own_demand_fee: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.small_fee <= self.own_demand_fee <= 1:
            raise ValueError("0 < small_fee <= own_demand_fee <= 1 does not hold")


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Claims up to and including ``up_to``; without it, all that are larger."""

    times: Fraction
    up_to: Ore | None = msgspec.field(name="up_to_kroner", default=None)


class CollectionBands(Row, frozen=True, kw_only=True):
    """What a collection fee may be at most, in times of the rate, by claim and due date."""

    rule: RuleName
    heavy_rule: RuleName
    heavy_times: Fraction
    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        limits = [band.up_to for band in self.bands]
        if not limits or limits.pop() is not None:
            raise ValueError("the last of the bands must have no up_to_kroner: it holds the rest")
        known = [limit for limit in limits if limit is not None]
        if len(known) < len(limits) or known != sorted(set(known)) or not all(known):
            raise ValueError("up_to_kroner must rise from band to band, from more than zero")
        times = [band.times for band in self.bands]
        if times != sorted(times) or times[0] <= 0 or self.heavy_times < 1:
            raise ValueError("times must be more than zero and not fall; heavy_times at least 1")


class PlanShare(Row, frozen=True, kw_only=True):
    """What an instalment plan with more than so many instalments may add, in times of the rate."""

    rule: RuleName
    times: Fraction
    more_than_instalments: Annotated[int, msgspec.Meta(ge=0)]

    def __post_init__(self) -> None:
        if self.times <= 0:
            raise ValueError("times must be more than zero")


class HalfYearRate(Row, frozen=True, kw_only=True):
    """Late interest a year, of one half-year."""

    rule: RuleName
    rate_bp: BasisPoints = msgspec.field(name="percent")

    def __post_init__(self) -> None:
        if (self.valid_from.month, self.valid_from.day) not in {(1, 1), (7, 1)}:
            raise ValueError("a rate of late interest begins on 1 January or 1 July")


class VatRate(Row, frozen=True, kw_only=True):
    """Value added tax."""

    rate_bp: BasisPoints = msgspec.field(name="percent")


class FixedFee(Row, frozen=True, kw_only=True):
    """An amount set by law or regulation."""

    rule: RuleName
    amount: Ore = msgspec.field(name="kroner")


class YearsCeiling(Row, frozen=True, kw_only=True):
    """What a patient pays at most in a calendar year; ``second`` was tak 2, until 2020."""

    rule: RuleName
    amount: Ore = msgspec.field(name="kroner")
    second: Ore | None = msgspec.field(name="second_kroner", default=None)

    def __post_init__(self) -> None:
        if self.valid_from != date(self.valid_from.year, 1, 1):
            raise ValueError("a ceiling begins on 1 January")


class Unknown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days between two rows for which nothing is known, and why: a gap that is meant."""

    valid_from: date
    valid_to: date
    why: Source


AnyRow = TypeVar("AnyRow", bound=Row)


class Table(msgspec.Struct, Generic[AnyRow], frozen=True, kw_only=True):
    """Rows by date, without overlaps. ``reviewed_through`` is the last day they were read for."""

    name: str
    reviewed_through: date
    rows: tuple[AnyRow, ...]
    unknown: tuple[Unknown, ...] = ()

    def on(self, day: date) -> AnyRow:
        """The row in force on a day. Raises ``RateMissing``."""
        place = bisect_right(self.rows, day, key=lambda row: row.valid_from) - 1
        if place < 0 or day > self.rows[place].valid_to:
            raise RateMissing(self.name, day)
        return self.rows[place]


# ---------------------------------------------------------------------------------- regimes


class Hours(msgspec.Struct, frozen=True, array_like=True):
    """From one time of day up to, and not including, another."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        if not self.begins < self.ends:
            raise ValueError("contact hours must end after they begin")


class Basis(msgspec.Struct, frozen=True):
    """What a figure of a regime rests on."""

    source: Source
    confidence: Confidence


Days = Annotated[int, msgspec.Meta(ge=0, le=3660)]
Months = Annotated[int, msgspec.Meta(ge=0, le=120)]
Years = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Regime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deadlines and switches of one debt collection act and its regulation.

    The regime of a letter is the one in force on the day it is sent. ``basis`` tells for each
    figure, by its name here, what it rests on.
    """

    code: RegimeCode
    law: Source
    basis: dict[str, Basis]

    notice_days: Days
    """Least days from sending a collection notice to its deadline; the first is not counted."""
    demand_days: Days
    """The same of a payment demand."""
    legal_notice_days: Days
    """The same of a notice that a petition for attachment follows."""
    fee_days_after_due: Days
    """A letter costs something at the earliest so many days after the due date."""
    small_fees_max: Annotated[int, msgspec.Meta(ge=0, le=20)]
    """Most fees for reminders and collection notices on a claim, until they are counted anew."""
    small_fees_reset_months: Months
    """Fees are counted anew so long after the last one."""
    second_fee_deadline_days: Days
    """A second fee needs a letter with at least this deadline, that has passed unpaid."""
    heavy_after_days: Days
    """The heavy collection fee: more than so many days after the demand's deadline."""
    demand_valid_months: Months
    """A legal step must be taken within this time of the demand, else a new demand is needed."""
    limitation_years: Years
    """From the due date."""
    limitation_years_after_judgment: Years
    creditor_may_send_notice: bool
    """Whether a collection notice may come in the creditor's own name."""
    own_demand_fee_allowed: bool
    """Whether the creditor may charge for a payment demand of its own."""
    late_first_invoice_bears_fee: bool
    """Whether a fee may follow if the first invoice was sent late by the creditor's side."""
    minors_bear_costs: bool
    """Whether a claim that was incurred by a minor may carry costs, at any age."""
    costs_after_objection: Literal["unless_reasonable", "only_if_obviously_groundless"]
    """When an objection that was rejected leaves costs standing."""
    paid_by_order_date: bool
    """Whether a payment is in time by the day on which the payer's bank was given the order."""
    claims_collected_together: bool
    """Whether claims of one creditor on one debtor must be collected as one."""
    objection_answer_days: Days | None = None
    """Days within which an objection is to be answered; ``None`` where the act gives none."""
    principal_remitted_days: Days | None = None
    """Days from receipt to payment to the creditor; ``None`` where the act says "soon"."""
    contact_hours: dict[Weekday, Hours]
    """When a debtor may be called; a weekday that is left out has none, nor has a holiday."""
    notice_states: tuple[str, ...]
    """What a collection notice must state."""
    demand_states: tuple[str, ...]
    """What a payment demand must state."""

    def may_contact(self, at: datetime) -> bool:
        """Whether a debtor may be called at a time, which is local (Europe/Oslo).

        Raises ``RateMissing`` for years whose holidays are not known.
        """
        hours = self.contact_hours.get(WEEKDAYS[at.weekday()])
        if hours is None or bank_days.is_holiday(at.date()):
            return False
        return hours.begins <= at.time() < hours.ends

    def source(self, figure: str) -> str:
        """What a figure rests on, by the name of its attribute: for a refusal to say."""
        return self.basis[figure].source


# ------------------------------------------------------------------------- what is looked up


class Fee(msgspec.Struct, frozen=True):
    """A fee in øre, the rule that an event names for it, and where that was read."""

    amount: int
    rule: str
    source: str


class CollectionFee(msgspec.Struct, frozen=True):
    """The most that a collection fee may be, in øre, and the band that the claim is in."""

    net: int
    vat: int
    band: str
    """In kroner, such as ``<=500`` or ``>250000``."""
    rule: str
    source: str

    @property
    def total(self) -> int:
        """What the debtor may be charged."""
        return self.net + self.vat


class PlanSupplement(msgspec.Struct, frozen=True):
    """The most that an instalment plan may add, in øre, if it has more instalments than that."""

    net: int
    vat: int
    more_than_instalments: int
    rule: str
    source: str

    @property
    def total(self) -> int:
        """What the debtor may be charged."""
        return self.net + self.vat


class InterestRate(msgspec.Struct, frozen=True):
    """Late interest a year, in basis points."""

    rate_bp: int
    rule: str
    source: str


class FrikortCeiling(msgspec.Struct, frozen=True):
    """What a patient pays at most in a calendar year, in øre; ``second`` is tak 2, until 2020."""

    amount: int
    second: int | None
    rule: str
    source: str


_Lookup = TypeVar("_Lookup", bound=Callable[..., Any])


def _remembered(lookup: _Lookup) -> _Lookup:
    """For what is asked again and again of the same days. The tables never change, and a program
    has one or two sets of them, which are told apart by being themselves."""
    return cast(_Lookup, lru_cache(maxsize=20_000)(lookup))


class Rates(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All tables. Each lookup raises ``RateMissing`` for a day that its tables do not cover."""

    reviewed_through: date
    """The last day for which somebody has read which regime is in force, and its rules."""
    second_regime_from: date | None = None
    """The first day of the act of 2026; ``None`` as long as it is not in force."""
    first_regime_from: date
    """The first day for which the rules of the act of 1988 were read."""
    regimes: dict[RegimeCode, Regime]

    collection_rate: Table[CollectionRate]
    fee_shares: Table[FeeShares]
    collection_bands: Table[CollectionBands]
    plan_share: Table[PlanShare]
    late_interest: Table[HalfYearRate]
    vat: Table[VatRate]
    court_unit: Table[FixedFee]
    conciliation_fee: Table[FixedFee]
    attachment_fee: Table[FixedFee]
    drafting: Table[FixedFee]
    frikort: Table[YearsCeiling]

    def reviewed(self, on: date) -> bool:
        """Whether a letter or fee of this day can be judged at all (``regime_not_reviewed``)."""
        return on <= self.reviewed_through

    def regime(self, on: date) -> Regime:
        """The regime in force on a day: for a letter, the day it is sent.

        It has no last day: what forbids (contact hours, limitation) goes on to bind after
        ``reviewed_through``. Whatever allows a letter or fee asks ``reviewed`` too.
        """
        if on < self.first_regime_from:
            raise RateMissing("regimes", on)
        second = self.second_regime_from
        return self.regimes["1988" if second is None or on < second else "2026"]

    @_remembered
    def small_fee_max(self, sent_on: date, due_date: date) -> Fee:
        """Most for a reminder or collection notice on a claim (INKF § 1-2)."""
        rate, shares = self._rate(sent_on), self.fee_shares.on(due_date)
        return _share(rate, shares, shares.small_fee)

    @_remembered
    def own_demand_fee_max(self, sent_on: date, due_date: date) -> Fee:
        """Most for a creditor's own payment demand (INKL § 17 (3), INKF § 1-2).

        Under a regime that knows no such fee, ``RateMissing``.
        """
        if not self.regime(sent_on).own_demand_fee_allowed:
            raise RateMissing(self.fee_shares.name, sent_on)
        rate, shares = self._rate(sent_on), self.fee_shares.on(due_date)
        return _share(rate, shares, shares.own_demand_fee)

    def collection_fee_cap(
        self, claim: int, due_date: date, on: date, *, heavy: bool, vat_deductible: bool
    ) -> CollectionFee:
        """Most for collecting a claim on a consumer (INKF §§ 2-2, 2-3); heavy replaces light.

        ``claim`` is principal with the interest that accrued before the due date, in øre, of all
        claims that are collected together. ``on`` is the day on which the principal is paid, or
        the day of the letter as long as it is not. VAT comes on top if the creditor can't deduct
        it. Raises ``ValueError`` for a claim of nothing.
        """
        if claim <= 0:
            raise ValueError("there is no collection fee on a claim of nothing")
        rate, table = self._rate(on), self.collection_bands.on(due_date)
        band = next(b for b in table.bands if b.up_to is None or claim <= b.up_to)
        net = _half_up(rate.amount * band.times * (table.heavy_times if heavy else 1))
        rule = table.heavy_rule if heavy else table.rule
        return CollectionFee(
            net=net,
            vat=0 if vat_deductible else self._vat(net, on),
            band=_named(band, table),
            rule=f"{rule}/{rate.valid_from.year}",
            source=_sources(rate, table),
        )

    def plan_supplement_cap(self, on: date, *, vat_deductible: bool) -> PlanSupplement:
        """Most that a longer instalment plan adds to the collection fee (INKF § 2-4)."""
        rate, share = self._rate(on), self.plan_share.on(on)
        net = _half_up(rate.amount * share.times)
        return PlanSupplement(
            net=net,
            vat=0 if vat_deductible else self._vat(net, on),
            more_than_instalments=share.more_than_instalments,
            rule=f"{share.rule}/{rate.valid_from.year}",
            source=_sources(rate, share),
        )

    @_remembered
    def interest_rate(self, on: date) -> InterestRate:
        """Late interest in force on a day (FRL § 3)."""
        row = self.late_interest.on(on)
        return InterestRate(int(row.rate_bp), f"{row.rule}/{row.valid_from}", row.source)

    def vat_rate_bp(self, on: date) -> int:
        """The general rate of value added tax."""
        return int(self.vat.on(on).rate_bp)

    def court_unit_fee(self, on: date) -> Fee:
        """Rettsgebyr: what fees of courts and enforcement are multiples of."""
        return _fixed(self.court_unit.on(on))

    def court_fee(self, kind: CourtFeeKind, on: date) -> Fee:
        """What the conciliation board or the enforcement officer asks for, by day of filing."""
        table = self.conciliation_fee if kind == "conciliation" else self.attachment_fee
        return _fixed(table.on(on))

    def drafting_fee(self, on: date) -> Fee:
        """Skrivesalær: what may be charged for drafting a petition."""
        return _fixed(self.drafting.on(on))

    def frikort_ceiling(self, year: int) -> FrikortCeiling:
        """Egenandelstak of a calendar year."""
        row = self.frikort.on(date(year, 1, 1))
        return FrikortCeiling(
            amount=int(row.amount),
            second=None if row.second is None else int(row.second),
            rule=f"{row.rule}/{year}",
            source=row.source,
        )

    def source_of(self, rule: str) -> str | None:
        """Where a rule such as ``INKF-1-2/2026`` was read, if a table holds it."""
        return "; ".join(dict.fromkeys(row.source for _, row in self.rows_of(rule))) or None

    def rows_of(self, rule: str) -> list[tuple[Table[Any], Row]]:
        """The rows that a rule such as ``INKF-1-2/2026`` stands for, each with its table."""
        found: list[tuple[Table[Any], Row]] = []
        for rate in self.collection_rate.rows:
            for name, table, row in self._named_shares():
                if rule == f"{name}/{rate.valid_from.year}":
                    found += [(self.collection_rate, rate), (table, row)]
        fixed: tuple[Table[FixedFee], ...] = (
            self.court_unit, self.conciliation_fee, self.attachment_fee, self.drafting
        )  # fmt: skip
        found += [
            (table, row)
            for table in fixed
            for row in table.rows
            if rule == f"{row.rule}/{row.valid_from.year}"
        ]
        interest = self.late_interest
        found += [(interest, r) for r in interest.rows if rule == f"{r.rule}/{r.valid_from}"]
        return found

    def _named_shares(self) -> list[tuple[str, Table[Any], Row]]:
        """What is a share of the collection rate, by the name of its rule."""
        bands = self.collection_bands
        return [
            *((row.rule, self.fee_shares, row) for row in self.fee_shares.rows),
            *((row.rule, bands, row) for row in bands.rows),
            *((row.heavy_rule, bands, row) for row in bands.rows),
            *((row.rule, self.plan_share, row) for row in self.plan_share.rows),
        ]

    is_bank_day = staticmethod(bank_days.is_bank_day)
    next_bank_day = staticmethod(bank_days.next_bank_day)
    add_bank_days = staticmethod(bank_days.add_bank_days)

    def _rate(self, on: date) -> CollectionRate:
        row = self.collection_rate.on(on)
        if row.regime != self.regime(on).code:  # the other act's rates are not carried over
            raise RateMissing(self.collection_rate.name, on)
        return row

    def _vat(self, net: int, on: date) -> int:
        return _half_up(Fraction(net * self.vat_rate_bp(on), WHOLE))


def _share(rate: CollectionRate, shares: FeeShares, share: Fraction) -> Fee:
    return Fee(
        amount=_half_up(rate.amount * share, rate.fees_rounded_to),
        rule=f"{shares.rule}/{rate.valid_from.year}",
        source=_sources(rate, shares),
    )


def _fixed(row: FixedFee) -> Fee:
    return Fee(int(row.amount), f"{row.rule}/{row.valid_from.year}", row.source)


def _named(band: Band, table: CollectionBands) -> str:
    if band.up_to is not None:
        return f"<={_kroner(band.up_to)}"
    below = table.bands[-2].up_to if len(table.bands) > 1 else None
    return f">{_kroner(below or 0)}"


def _kroner(amount: int) -> str:
    whole, rest = divmod(amount, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _sources(first: Row, second: Row) -> str:
    return first.source if first.source == second.source else f"{first.source}; {second.source}"


def _half_up(amount: Fraction | int, unit: int = 1) -> int:
    """To whole units (of øre), half of one up."""
    return floor(Fraction(amount, unit) + Fraction(1, 2)) * unit
