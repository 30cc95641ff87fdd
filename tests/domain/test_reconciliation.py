"""The month's reconciliation: bank, ledger, whose money it is, and the sub-ledgers."""

from ledger.domain.accounts import (
    CLIENT_FUNDS,
    OVERPAYMENT,
    OWED_TO_AGENCY,
    OWED_TO_CREDITOR,
    UNIDENTIFIED,
)
from ledger.domain.reconciliation import (
    ClientBalance,
    Explanation,
    Reconciliation,
    Unidentified,
    reconcile,
)
from tests.scenarios.facts import day

END = day("2026-03-31")
ACCOUNTS = {
    CLIENT_FUNDS: 1_000_00,
    OWED_TO_CREDITOR: -700_00,
    OWED_TO_AGENCY: -200_00,
    OVERPAYMENT: -30_00,
    UNIDENTIFIED: -70_00,
}
ONE = ClientBalance(clinic="clinic-1", amount=500_00, retained=200_00)
OTHER = ClientBalance(clinic="clinic-2", amount=200_00, retained=0)
WAITING = Unidentified(
    receipt="R4", amount=70_00, booked_on=day("2026-03-12"), age_days=19, reason="no_kid"
)


def reconciled(
    *clients: ClientBalance,
    bank: int | None = None,
    overpaid: int = 30_00,
    without_receipt: int = 0,
    accounts: dict[str, int] = ACCOUNTS,
) -> Reconciliation:
    """The figures of the end of March, which agree unless something is said."""
    return reconcile(
        END, accounts, clients or (ONE, OTHER), overpaid, (WAITING,), without_receipt, bank
    )


def test_the_four_figures_agree() -> None:
    found = reconciled(bank=1_000_00)
    assert (found.until, found.bank) == (END, 1_000_00)
    assert (found.ledger, found.liability, found.subledgers) == (1_000_00, 1_000_00, 1_000_00)
    assert found.liabilities == {
        OWED_TO_CREDITOR: 700_00,
        OWED_TO_AGENCY: 200_00,
        OVERPAYMENT: 30_00,
        UNIDENTIFIED: 70_00,
    }
    assert found.differences == (
        Explanation("bank - ledger", 0),
        Explanation("ledger - liability", 0),
        Explanation("liability - subledgers", 0),
    )
    assert found.agrees


def test_without_a_statement_of_the_bank_three_are_compared() -> None:
    found = reconciled()
    assert [difference.between for difference in found.differences] == [
        "ledger - liability",
        "liability - subledgers",
    ]
    assert found.agrees


def test_a_payment_without_a_receipt_explains_what_the_bank_has_less() -> None:
    explained = reconciled(bank=950_00, without_receipt=50_00)
    assert explained.differences[0] == Explanation(
        "bank - ledger", -50_00, "payments that were recorded without a receipt from the bank"
    )
    assert not explained.agrees
    other = reconciled(bank=951_00, without_receipt=50_00)
    assert other.differences[0] == Explanation("bank - ledger", -49_00)
    more = reconciled(bank=1_050_00, without_receipt=50_00)
    assert more.differences[0] == Explanation("bank - ledger", 50_00)


def test_each_difference_shows_where_it_is() -> None:
    moved = ACCOUNTS | {OWED_TO_CREDITOR: -690_00}
    assert [d.difference for d in reconciled(accounts=moved).differences] == [10_00, -10_00]
    assert [d.difference for d in reconciled(overpaid=31_00).differences] == [0, -1_00]
    assert not reconciled(overpaid=31_00).agrees


def test_no_clinic_has_got_the_money_of_another() -> None:
    """The sums agree; yet clinic 2 was paid 50.00 that came for clinic 1."""
    less = ClientBalance(clinic="clinic-2", amount=-50_00, retained=0)
    more = ClientBalance(clinic="clinic-1", amount=750_00, retained=200_00)
    found = reconciled(more, less)
    assert [difference.difference for difference in found.differences] == [0, 0]
    assert found.negative == (less,)
    assert not found.agrees
    assert reconciled(ONE, OTHER, ClientBalance(clinic="clinic-3", amount=0, retained=0)).agrees


def test_a_book_in_which_nothing_has_happened() -> None:
    found = reconcile(END, {}, (), 0, (), 0, None)
    assert (found.ledger, found.liability, found.subledgers) == (0, 0, 0)
    assert found.agrees
