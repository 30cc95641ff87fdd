"""What an agent reads out, sentence by sentence, on the scenarios' amounts."""

import re
from typing import Any, get_args

import pytest

from ledger.domain import commands as c
from ledger.domain import conversations as guides
from ledger.domain import rates
from ledger.domain.commands import Command
from ledger.domain.events import Component, Disclosed, InvoiceLine, LineCategory, Part, WaiverReason
from ledger.domain.explanation import explain
from ledger.domain.plans import PlanSimulation, simulate_plan
from ledger.wording.amounts import Language
from ledger.wording.conversations import (
    CHECKS,
    MUST_NOTS,
    SAYS,
    SCOPES,
    TOPICS,
    guide_text,
    spoken_text,
)
from ledger.wording.explanations import (
    BECAUSE,
    LAWS,
    THE_COMPONENT,
    THE_LINE,
    explanation_text,
)
from ledger.wording.plans import plan_text
from tests.domain import told as t
from tests.domain.told import K1, K1_REMINDED, RULES, day, folded, told

LANGUAGES: tuple[Language, ...] = get_args(Language)
SPACE = "\N{NO-BREAK SPACE}"


def read(
    *commands: Command,
    on: str,
    language: Language = "nb",
    component: Component | None = None,
    disclosed: Disclosed = "lines",
) -> list[str]:
    """The text with plain spaces in its amounts."""
    explanation = explain(told(*commands), day(on), RULES)
    found = explanation_text(explanation, language, component=component, disclosed=disclosed)
    return [sentence.replace(SPACE, " ") for sentence in found]


def test_a_part_payment_in_words() -> None:
    """No. 15."""
    commands = (*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27"))
    assert read(*commands, on="2026-04-27") == [
        "Per 27.04.2026 er det 256,70 kr å betale, og det er selve regningen.",
        "Faktura K1 er på 413,00 kr: konsultasjonen 230,00 kr og laboratorieprøven 183,00 kr."
        " Den forfalt 16.03.2026.",
        "Purregebyret på 38,00 kr kom til 30.03.2026 etter inkassoforskriften § 1-2.",
        "Renten på faktura K1 er 5,70 kr: 42 dager med 12,00 prosent i året av 413,00 kr.",
        "27.04.2026 betalte du 200,00 kr; det gikk til purregebyret 38,00 kr, renten 5,70 kr og"
        " selve regningen 156,30 kr (gebyrer først, så renter, så selve regningen).",
    ]
    assert read(*commands, on="2026-04-27", language="en")[-1] == (
        "On 2026-04-27 you paid NOK 200.00; it went to the reminder fee NOK 38.00, the interest"
        " NOK 5.70 and the bill itself NOK 156.30 (fees first, then interest, then the bill"
        " itself)."
    )


def test_interest_over_a_change_of_rate_is_one_sentence() -> None:
    """No. 14."""
    assert read(*K1, on="2026-07-15", component="interest") == [
        "Av renten er det 16,47 kr å betale.",
        "Renten på faktura K1 er 16,47 kr: 106 dager med 12,00 prosent i året av 413,00 kr og"
        " 15 dager med 12,25 prosent i året av 413,00 kr.",
    ]


def test_what_runs_is_told_apart_from_what_was_added() -> None:
    commands = (*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27"))
    (sentence,) = [s for s in read(*commands, on="2026-05-27") if s.startswith("Renten")]
    assert sentence.endswith(
        "; 5,70 kr av den er lagt til fram til 27.04.2026, og 2,53 kr har løpt siden."
    )


def test_a_rate_that_is_not_known_is_told() -> None:
    assert read(*K1, on="2027-02-01")[-1].endswith("; fra 01.01.2027 er satsen ikke kjent ennå.")


def test_the_split_charge_is_told_with_both_times() -> None:
    """No. 17: the invoice is for the missing part only."""
    told_so = " ".join(read(*t.SPLIT, on="2026-05-10"))
    assert (
        "Konsultasjonen på 230,00 kr nådde terminalen kl. 10:40 og ble betalt kl. 10:42."
        " Laboratorieprøven på 183,00 kr ble registrert kl. 10:50 og nådde aldri terminalen;"
        " fakturaen gjelder bare den."
    ) in told_so
    assert "183,00 kr å betale" in told_so
    assert "the invoice is for that alone" in " ".join(
        read(*t.SPLIT, on="2026-05-10", language="en")
    )


def test_of_several_that_were_missed_the_invoice_is_for_all_of_them() -> None:
    """Beside a charge that was tapped too early, which is told in its own way."""
    commands = (
        t.opened("2026-05-04"),
        t.charged("visit", 230_00, at="2026-05-04 10:38"),
        c.SendChargeToTerminal(
            on=day("2026-05-04"), charge="visit", at=t.moment("2026-05-04 10:40")
        ),
        t.tapped("T1", 230_00, at="2026-05-04 10:42"),
        t.charged("lab", 183_00, at="2026-05-04 10:50", category="lab"),
        t.charged("bandage", 50_00, at="2026-05-04 10:51", category="material"),
        t.tapped("T2", 0, at="2026-05-04 10:55"),
        t.charged("paper", 90_00, at="2026-05-04 10:56", category="certificate"),
    )
    only = "Fakturaen gjelder bare det som aldri nådde terminalen."
    assert only not in read(*commands, on="2026-05-05"), "there is no invoice yet"
    lines = (
        InvoiceLine(1, "lab", 183_00, "lab"),
        InvoiceLine(2, "material", 50_00, "bandage"),
    )
    invoice = t.invoiced("K", *lines, on="2026-05-06", due="2026-05-20")
    told_so = read(*commands, *invoice, on="2026-05-10")
    assert only in told_so
    assert any(s.startswith("Kl. 10:55 viste terminalen 0,00 kr. Attesten") for s in told_so)


def test_a_charge_that_is_not_invoiced_yet_is_not_said_to_be() -> None:
    told_so = " ".join(read(*t.SPLIT[:5], on="2026-05-05"))
    assert "nådde aldri terminalen; den er ikke fakturert ennå." in told_so
    assert "fakturaen gjelder bare" not in told_so


def test_zero_on_the_screen_is_told_with_both_times() -> None:
    """No. 18."""
    assert (
        "Kl. 10:31 viste terminalen 0,00 kr. Konsultasjonen på 413,00 kr ble registrert"
        " kl. 10:36, så terminalen hadde ikke noe å ta betalt for ennå."
    ) in read(*t.TAPPED_TOO_EARLY, on="2026-05-10")


def test_material_is_not_covered_by_a_frikort() -> None:
    """No. 19."""
    assert (
        "Frikortet dekker egenandelen, men ikke materiell. Materiellet kostet 138,00 kr."
    ) in read(*t.FRIKORT, on="2026-05-10")
    assert not any("Frikort" in sentence for sentence in read(*K1, on="2026-05-10"))


def test_a_share_that_was_credited_is_told_with_its_fee() -> None:
    """No. 20."""
    answered = c.AnswerDispute(
        on=day("2026-04-15"),
        dispute="D1",
        outcome="partly_upheld",
        decided_by=t.CLINIC,
        credit=(Part("principal", 179_00, "K20", 1),),
    )
    raised = c.RaiseDispute(on=day("2026-04-10"), dispute="D1", category="wrong_amount")
    sentences = read(*t.IN_SPITE_OF_FRIKORT, raised, answered, on="2026-04-15")
    assert sentences[0] == (
        "Per 15.04.2026 er det 139,36 kr å betale: selve regningen 138,00 kr og renten 1,36 kr."
    )
    assert (
        "Klinikken strøk 179,00 kr av selve regningen 15.04.2026 fordi du fikk medhold."
    ) in sentences
    assert "38,00 kr av purregebyret ble strøket 15.04.2026 fordi du fikk medhold." in sentences
    waiting = read(*t.IN_SPITE_OF_FRIKORT, raised, on="2026-04-12")
    assert waiting[-1] == "Du har sagt deg uenig, og saken står stille til du har fått svar."


def test_what_was_paid_too_much_is_the_debtors() -> None:
    """No. 24."""
    sentences = read(*K1_REMINDED, t.paid("bank-1", 500_00, on="2026-04-27"), on="2026-04-28")
    assert sentences[0] == "Per 28.04.2026 er det ingenting å betale."
    assert sentences[-1] == (
        "Du har betalt 43,30 kr for mye. Det er dine penger, og du får dem tilbake."
    )


def test_for_a_record_copy_the_clinic_answers() -> None:
    line = InvoiceLine(1, "record_copy", 250_00)
    commands = (t.opened(), *t.invoiced("K21", line, on="2026-05-04", due="2026-05-18"))
    assert (
        "Klinikken svarer på spørsmål om hvorfor den ble sendt."
        in read(*commands, on="2026-05-10")[-1]
    )


def test_whoever_may_hear_the_balance_hears_no_lines() -> None:
    """No. 30: an authorisation for payment."""
    names = {word for line in THE_LINE.values() for word in (line[0], line[2])}
    for commands in (K1_REMINDED, t.SPLIT, t.TAPPED_TOO_EARLY, t.FRIKORT):
        for language in LANGUAGES:
            everything = " ".join(read(*commands, on="2026-05-10", language=language)).lower()
            assert any(name in everything for name in names)
            balance = " ".join(
                read(*commands, on="2026-05-10", language=language, disclosed="balance")
            ).lower()
            assert not any(name in balance for name in names), balance
            assert "frikort" not in balance
            nothing = read(*commands, on="2026-05-10", language=language, disclosed="nothing")
            assert len(nothing) == 1
            assert not re.search(r"\d", nothing[0])


COPY: tuple[Command, ...] = (
    t.opened(),
    *t.invoiced("K21", InvoiceLine(1, "record_copy", 250_00), on="2026-03-02", due="2026-03-16"),
    c.RaiseDispute(on=day("2026-03-20"), dispute="D1", category="record_copy"),
    c.ReferDispute(on=day("2026-03-20"), dispute="D1", referred_to=t.CLINIC),
)
TOLD: dict[str, tuple[Command, ...]] = {
    "part payment": (*K1_REMINDED, t.paid("bank-1", 200_00, on="2026-04-27")),
    "overpaid": (*K1_REMINDED, t.paid("bank-1", 500_00, on="2026-04-27")),
    "split": t.SPLIT,
    "not invoiced": t.SPLIT[:5],
    "too early": t.TAPPED_TOO_EARLY,
    "frikort": t.FRIKORT,
    "share": t.IN_SPITE_OF_FRIKORT,
    "record copy": COPY,
    "bounced": (
        *K1,
        t.paid("bank-1", 413_00, on="2026-03-13"),
        c.ReversePayment(on=day("2026-03-18"), payment="bank-1", reason="returned_by_bank"),
    ),
    "at the clinic": (
        *K1_REMINDED,
        c.ReportDirectPayment(on=day("2026-04-02"), payment="clinic-1", amount=100_00),
    ),
    "written off": (*K1, c.WriteOff(on=day("2026-04-02"), reason="uncollectable")),
    "planned": (
        *K1,
        c.GrantDeferral(on=day("2026-03-10"), until=day("2026-06-01")),
        c.RegisterAuthorisation(
            on=day("2026-04-01"),
            authorisation="A1",
            holder="subject-2",
            scope="basis",
            valid_from=day("2026-04-01"),
            valid_to=None,
            verified_by="signed_form",
        ),
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOLD)
def test_no_word_is_missing(name: str, language: Language) -> None:
    case = folded(told(*TOLD[name]))
    on = "2026-05-10"
    sentences = read(*TOLD[name], on=on, language=language)
    for guide in guides.conversations(case, day(on), RULES):
        sentences += guide_text(guide, language, "NOK")
    for sentence in sentences:
        assert sentence.strip()
        assert not set("?{}_") & set(sentence), sentence
        assert "None" not in sentence, sentence


def test_a_plan_in_words() -> None:
    line = InvoiceLine(1, "dental_work", 2_400_00)
    case = folded(
        told(t.opened("2026-04-01"), *t.invoiced("K", line, on="2026-04-01", due="2026-05-15"))
    )
    on, first = day("2026-05-15"), day("2026-06-01")
    plan = simulate_plan(case, on, RULES, first=first, instalments=4)
    assert isinstance(plan, PlanSimulation)
    words = [line.replace(SPACE, " ") for line in plan_text(plan, "nb", "NOK")]
    assert words[:3] == [
        "Betaler du i dag, er det 2 400,00 kr.",
        "01.06.2026: 600,00 kr",
        "01.07.2026: 600,00 kr",
    ]
    letters = t.demanded(
        on="2026-05-16", deadline="2026-06-01", demand="2026-06-08", until="2026-06-22"
    )
    opened, on = t.opened("2026-04-01"), day("2026-06-15")
    invoiced = t.invoiced("K", line, on="2026-04-01", due="2026-05-15")
    case, first = folded(told(opened, *invoiced, *letters)), day("2026-07-01")
    dear = simulate_plan(case, on, RULES, first=first, instalments=12)
    assert isinstance(dear, PlanSimulation)
    for language in LANGUAGES:
        text = " ".join(plan_text(dear, language, "NOK")).replace(SPACE, " ")
        assert not set("?{}") & set(text)
    told_so = " ".join(plan_text(dear, "nb", "NOK")).replace(SPACE, " ")
    assert "tillegg på 1 125,00 kr og 281,25 kr i merverdiavgift" in told_so
    assert "anslag: satsen fra 01.01.2027 er ikke fastsatt ennå" in told_so


@pytest.mark.parametrize(
    ("table", "members"),
    [
        (THE_COMPONENT, Component),
        (THE_LINE, LineCategory),
        (TOPICS, guides.Topic),
        (CHECKS, guides.Check),
        (SAYS, guides.Say),
        (MUST_NOTS, guides.MustNot),
    ],
)
def test_a_table_covers_its_list(table: dict[str, Any], members: Any) -> None:
    assert set(table) == set(get_args(members))
    assert all(all(words) for words in table.values())


def test_both_languages_tell_the_same_facts() -> None:
    fields = re.compile(r"\{(\w+)\}")
    for nb, en in SAYS.values():
        assert sorted(fields.findall(nb)) == sorted(fields.findall(en))


def test_every_reason_and_every_rule_of_the_tables_has_words() -> None:
    assert set(get_args(WaiverReason)) <= set(BECAUSE)
    assert set(SCOPES) == {"payment", "basis"}
    tables: rates.Rates = RULES.rates
    shares = [name for name, *_ in tables._named_shares()]
    fixed = (tables.court_unit, tables.conciliation_fee, tables.attachment_fee, tables.drafting)
    names = {name.removesuffix("-before-2020-10") for name in shares}
    names |= {row.rule for table in fixed for row in table.rows}
    assert names <= set(LAWS)


def test_a_third_party_hears_nothing_of_the_case() -> None:
    for commands in TOLD.values():
        case = folded(told(*commands))
        guide = guides.conversations(case, day("2026-03-25"), RULES)[0]
        words = " ".join(
            spoken_text(spoken, language, "NOK")
            for spoken in guide.say
            if spoken.say != "authorisation_held"
            for language in LANGUAGES
        )
        assert not re.search(r"\d", words)
        assert "faktura" not in words
