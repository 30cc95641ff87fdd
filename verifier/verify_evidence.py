#!/usr/bin/env python3
"""Checks evidence that a case ledger has written, offline and on its own.

    python verify_evidence.py FILE [--key KEY …] [--witness KEY …]

FILE is evidence of a case (``caseledger evidence``), of a log that only grew
(``caseledger checkpoint --since``), or a log itself (``caseledger export log``, as .jsonl, or
.jsonl.gz). KEY is a verifier key that you got from somewhere else than
from the file, ``name+id+base64``, or a file with one on each line. Without one, the keys in the
file are taken, and whose they are is not checked.

Needs Python 3.11 and the package ``cryptography``; shares no code with the ledger. Formats: RFC
6962 and RFC 9162 (trees and proofs), C2SP signed-note, tlog-checkpoint and tlog-cosignature.

It ends with 0 if all holds, 1 if anything does not, and 2 if it was called wrongly.
"""

import base64
import binascii
import gzip
import json
import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EVIDENCE_1, EVIDENCE = "caseledger/evidence/1", "caseledger/evidence/2"
CONSISTENCY = "caseledger/consistency/1"
LOG = "caseledger/log/1"
FILE_BYTES_MAX = 256 * 1024 * 1024
ENTRY = {
    "position", "stream", "version", "type", "recorded_at_us", "actor", "channel", "command_id",
    "payload",
}  # fmt: skip
LINE_BYTES_MAX = 16 * 1024 * 1024

ED25519, COSIGNATURE = 1, 4


class Refused(Exception):
    """The evidence does not hold."""


def refuse(why: str) -> NoReturn:
    """End with what does not hold."""
    raise Refused(why)


# ---------------------------------------------------------------- the file


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which no name stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse("a name stands twice in the file")
    return found


def no_number(text: str) -> NoReturn:
    """Amounts are whole numbers; there are no others."""
    refuse(f"{text} is no whole number")


def written(document: Any) -> str:
    """The one way in which evidence is written."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def read(data: bytes) -> dict[str, Any]:
    """The document of a file, which must be written in exactly that one way."""
    try:
        text = data.decode()
        document = json.loads(
            text,
            object_pairs_hook=no_duplicates,
            parse_float=no_number,
            parse_constant=no_number,
        )
        same = written(document) == text
    except (ValueError, RecursionError) as error:
        refuse(f"the file is no JSON: {error}")
    if not isinstance(document, dict) or not same:
        refuse("the file was changed: it is not written as evidence is")
    return document


def take(of: Any, name: str, kind: type) -> Any:
    """A member that must be there, of this type."""
    found = of.get(name) if isinstance(of, dict) else None
    if type(found) is not kind:
        refuse(f"{name} is missing, or of a wrong kind")
    return found


def decoded(text: Any) -> bytes:
    """Base64 in its canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        refuse("something is no base64")
    if base64.b64encode(data).decode() != text:
        refuse("base64 is not in its canonical form")
    return data


# ---------------------------------------------------------------- trees (RFC 9162, section 2.1)


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\1" + left + right).digest()


def hashes(proof: Any) -> list[bytes]:
    """The hashes of a proof, of 32 bytes each."""
    if not isinstance(proof, list):
        refuse("a proof is missing")
    found = [decoded(hash) for hash in proof]
    if any(len(hash) != 32 for hash in found):
        refuse("a proof holds something that is no hash")
    return found


def check_inclusion(index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2: whether the leaf with this hash is in the tree."""
    if not 0 <= index < size:
        refuse(f"position {index + 1} is not in a log of {size} entries")
    fn, sn, found = index, size - 1, leaf
    for hash in proof:
        if sn == 0:
            refuse(f"the proof of position {index + 1} is too long")
        if fn & 1 or fn == sn:
            found = node_hash(hash, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, hash)
        fn, sn = fn >> 1, sn >> 1
    if sn or found != root:
        refuse(f"the entry at position {index + 1} is not in the log as the file shows it")


def check_consistency(old: "Checkpoint", new: "Checkpoint", proof: list[bytes]) -> None:
    """RFC 9162, 2.1.4.2: whether the newer log only added to the older."""
    wrong = f"the log of {new.size} entries does not continue the one of {old.size}"
    if old.size > new.size:
        refuse(wrong)
    if old.size in {0, new.size}:
        same = sha256(b"").digest() if old.size == 0 else new.root
        if proof or old.root != same:
            refuse(wrong)
        return
    path = proof if old.size & (old.size - 1) else [old.root, *proof]
    fn, sn = old.size - 1, new.size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not path:
        refuse(wrong)
    fr = sr = path[0]
    for hash in path[1:]:
        if sn == 0:
            refuse(wrong)
        if fn & 1 or fn == sn:
            fr, sr = node_hash(hash, fr), node_hash(hash, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, hash)
        fn, sn = fn >> 1, sn >> 1
    if sn or fr != old.root or sr != new.root:
        refuse(wrong)


# ---------------------------------------------------------------- notes (C2SP)


class Key(NamedTuple):
    """A verifier key."""

    name: str
    id: bytes
    kind: int
    public: Ed25519PublicKey


def parse_key(text: str) -> Key:
    """``name+id+base64``."""
    name, _, rest = text.strip().partition("+")
    id, _, encoded = rest.partition("+")
    data = decoded(encoded)
    if len(data) != 33 or data[0] not in {ED25519, COSIGNATURE}:
        refuse(f"the key of {name!r} is no Ed25519 key")
    if sha256(name.encode() + b"\n" + data).digest()[:4].hex() != id:
        refuse(f"the key of {name!r} was changed")
    public = Ed25519PublicKey.from_public_bytes(data[1:])
    return Key(name, bytes.fromhex(id), data[0], public)


class Checkpoint(NamedTuple):
    """What a log was at one moment."""

    origin: str
    size: int
    root: bytes


def signers(note: str, keys: Iterable[Key]) -> tuple[str, list[tuple[Key, int | None]]]:
    """A note's text, and which of the keys have signed it; a cosignature's with its time."""
    text, separator, below = note.rpartition("\n\n")
    if not separator or not below.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        refuse("a note is no note")
    text += "\n"
    known = {(key.name, key.id): key for key in keys}
    found: list[tuple[Key, int | None]] = []
    for line in below[:-1].split("\n"):
        matched = re.fullmatch(r"— (\S+) (\S+)", line)
        if matched is None:
            refuse("a note has a line that is no signature")
        data = decoded(matched[2])
        key = known.get((matched[1], data[:4]))
        if key is None:
            continue
        message, value, time = text, data[4:], None
        if key.kind == COSIGNATURE:
            time, value = int.from_bytes(data[4:12], "big"), data[12:]
            message = f"cosignature/v1\ntime {time}\n{text}"
        try:
            key.public.verify(value, message.encode())
        except InvalidSignature:
            refuse(f"a signature of {key.name} does not hold")
        found.append((key, time))
    return text, found


def checkpoint(note: Any, keys: Sequence[Key]) -> Checkpoint:
    """The checkpoint in a note that its log has signed."""
    if not isinstance(note, str):
        refuse("a checkpoint is missing")
    lines = note.split("\n")
    if len(lines) < 5 or lines[3] or re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) is None:
        refuse("a checkpoint is none")
    found = Checkpoint(lines[0], int(lines[1]), decoded(lines[2]))
    own = [key for key in keys if key.name == found.origin and key.kind == ED25519]
    if len(found.root) != 32 or not signers(note, own)[1]:
        refuse(f"the checkpoint of {found.origin} is signed by none of the keys")
    return found


# ---------------------------------------------------------------- what events move

AGENCY = {"collection_fee", "collection_fee_vat", "plan_supplement", "plan_supplement_vat"}
"""What the agency claims for its own work; all other components are the creditor's."""

MOVES_NOTHING = {
    "case_opened", "charge_sent_to_terminal", "terminal_attempt_recorded", "invoice_delivered",
    "delivery_failed", "due_date_moved", "interest_paused", "reminder_sent", "letter_voided",
    "correction_recorded", "dispute_raised", "dispute_referred", "dispute_answered",
    "dispute_answer_notified", "handed_over", "case_closed", "case_reopened",
    "deferral_granted", "instalment_plan_agreed", "instalment_plan_broken",
    "instalment_plan_completed", "settlement_agreed", "settlement_lapsed", "debt_acknowledged",
    "circumstance_registered", "circumstance_ended", "hold_placed", "hold_released",
    "authorisation_registered", "authorisation_revoked", "contact_recorded",
    "disclosure_refused", "contact_preference_set", "callback_requested", "callback_made",
    "note_taken", "clinic_asked", "clinic_replied", "legal_decision_requested",
    "clinic_decided", "legal_step_filed", "enforcement_result_recorded",
    "egenandel_payment_reported", "task_raised", "task_done", "approval_requested",
    "approval_given", "approval_declined", "subject_erased", "command_refused",
    "clinic_registered", "clinic_policy_set", "clinic_account_changed", "receipt_matched",
    "receipt_unmatched", "receipt_queued",
}  # fmt: skip

Posting = tuple[str, int, str | None]


def claim(component: str, amount: int, name: str | None) -> list[Posting]:
    """A claim stands on both sides until it is settled."""
    if not amount:
        return []
    return [(f"receivable.{component}", amount, name), (f"claimed.{component}", -amount, name)]


def given_up(parts: list[dict[str, Any]]) -> list[Posting]:
    """Claims that are taken back on both sides."""
    return [
        posting
        for part in parts
        for posting in claim(part["component"], -part["amount"], part.get("claim"))
    ]


def invoiced(event: dict[str, Any]) -> list[Posting]:
    """Lines that claim charges turn them into principal."""
    found: list[Posting] = []
    for line in event["lines"]:
        if line.get("charge") is not None:
            found += claim("charge", -line["amount"], line["charge"])
        found += claim("principal", line["amount"], event["invoice"])
    return found


def owed_again(parts: list[dict[str, Any]]) -> list[Posting]:
    """Claims that stand on both sides as before."""
    return [
        posting
        for part in parts
        for posting in claim(part["component"], part["amount"], part.get("claim"))
    ]


def owner(component: str) -> str:
    """To whom money belongs that pays a component."""
    return "liability.agency" if component in AGENCY else "liability.creditor"


def allocated(parts: list[dict[str, Any]], overpaid: int, sign: int = 1) -> list[Posting]:
    """Money settles claims, and belongs to whom it was allocated; the rest to the debtor."""
    found: list[Posting] = []
    for part in parts:
        component, amount, name = part["component"], sign * part["amount"], part.get("claim")
        if amount:
            found += [
                (f"receivable.{component}", -amount, name),
                (f"claimed.{component}", amount, name),
                (owner(component), -amount, name),
            ]
    if overpaid:
        found.append(("liability.overpayment", -sign * overpaid, None))
    return found


def source(event: dict[str, Any]) -> str:
    """Where a payment's money is: at the bank, or booked there before anybody knew whose it is."""
    return "bank.client_funds" if event.get("receipt") is None else "liability.unidentified"


def paid(event: dict[str, Any]) -> list[Posting]:
    """Money comes in, claims are settled, and it belongs to whom it was allocated."""
    if not event["amount"]:
        return []
    return [(source(event), event["amount"], None), *allocated(event["parts"], event["overpaid"])]


def taken_back(event: dict[str, Any]) -> list[Posting]:
    """What a payment paid is owed again, and what it had set free is as it was."""
    owed = [*event["parts"], *event.get("moved", [])]
    restored = owed_again(event.get("restored", []))
    if event.get("directly"):
        back = between("liability.overpayment", "liability.creditor", event["overpaid"])
        return [*owed_again(owed), *back, *restored]
    if not event["amount"]:
        return restored
    money: list[Posting] = [(source(event), -event["amount"], None)]
    return [*money, *allocated(owed, event["overpaid"], -1), *restored]


def waived(event: dict[str, Any]) -> list[Posting]:
    """Costs are given up; what had been paid of them pays something else."""
    returned = [
        (owner(part["component"]), part["amount"], part.get("claim"))
        for part in event.get("returned", [])
    ]
    other = allocated(event.get("moved", []), event.get("overpaid", 0))
    return [*given_up(event["parts"]), *returned, *other]


def interest_lowered(event: dict[str, Any]) -> list[Posting]:
    """Interest that never ran is given up; what had been paid of it pays something else."""
    returned = sum(part["amount"] for part in event["moved"]) + event["overpaid"]
    found = claim("interest", -event["unpaid"], event["claim"])
    if returned:
        found.append((owner("interest"), returned, event["claim"]))
    return [*found, *allocated(event["moved"], event["overpaid"])]


def between(debit: str, credit: str, amount: int) -> list[Posting]:
    """An amount from one account to another."""
    return [(debit, amount, None), (credit, -amount, None)] if amount else []


def remitted(event: dict[str, Any]) -> list[Posting]:
    """Client funds are paid out to the clinic, and our own share is ours."""
    return [
        *between("liability.creditor", "bank.client_funds", event["amount"]),
        *between("liability.agency", "bank.client_funds", event["retained"]),
    ]


RULES: dict[str, Callable[[dict[str, Any]], list[Posting]]] = {
    "charge_registered.v1": lambda e: claim("charge", e["amount"], e["charge"]),
    "terminal_payment_received.v1": lambda e: given_up(e["parts"]),
    "invoice_issued.v1": invoiced,
    "fee_charged.v1": lambda e: claim(e["component"], e["amount"], e["claim"]),
    "fee_waived.v1": waived,
    "interest_fixed.v1": lambda e: claim("interest", e["amount"], e["claim"]),
    "interest_lowered.v1": interest_lowered,
    "payment_received.v1": paid,
    "payment_reported_by_clinic.v1": lambda e: given_up(e["parts"]),
    "payment_reversed.v1": taken_back,
    "overpayment_refunded.v1": lambda e: between(
        "liability.overpayment", "bank.client_funds", e["amount"]
    ),
    "credited.v1": lambda e: given_up(e["parts"]),
    "written_off.v1": lambda e: given_up(e["parts"]),
    "receipt_registered.v1": lambda e: between(
        "bank.client_funds", "liability.unidentified", e["amount"]
    ),
    "receipt_returned.v1": lambda e: between(
        "liability.unidentified", "bank.client_funds", e["amount"]
    ),
    "client_funds_remitted.v1": remitted,
    **{f"{name}.v1": lambda e: [] for name in MOVES_NOTHING},
}


def moved(type: str, payload: str) -> list[Posting] | None:
    """What an event moves; ``None`` if its type is not known here."""
    rule = RULES.get(type)
    if rule is None:
        return None
    try:
        return rule(json.loads(payload, object_pairs_hook=no_duplicates))
    except (ValueError, KeyError, TypeError, AttributeError):
        refuse(f"an event of type {type} can't be read")


# ---------------------------------------------------------------- evidence


def leaf_of(book: str, entry: dict[str, Any]) -> str:
    """The eleven lines that the tree commits to."""
    try:
        at = datetime.fromisoformat(take(entry, "recorded_at", str))
        microseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, TypeError):
        refuse("a time is none")
    return leaf_at(book, entry, microseconds)


def leaf_at(book: str, entry: dict[str, Any], microseconds: int) -> str:
    """The same, with the time in whole microseconds."""
    columns = [
        "caseledger/1",
        book,
        str(take(entry, "position", int)),
        take(entry, "stream", str),
        str(take(entry, "version", int)),
        take(entry, "type", str),
        str(microseconds),
        take(entry, "actor", str),
        take(entry, "channel", str),
        take(entry, "command_id", str),
        sha256(take(entry, "payload", str).encode()).hexdigest(),
    ]
    if any("\n" in column for column in columns):
        refuse("a column holds a line feed")
    return "\n".join(columns)


def check_entries(document: dict[str, Any], log: Checkpoint) -> tuple[dict[str, int], set[str]]:
    """Each entry in the log, in order; returns what the accounts come to, and types unknown."""
    case, book = take(document, "case", dict), take(document, "book", str)
    entries = take(document, "entries", list)
    accounts: dict[str, int] = {}
    unknown: set[str] = set()
    before = (0, "")
    for version, entry in enumerate(entries, start=1):
        leaf = leaf_of(book, entry)
        if take(entry, "leaf", str) != leaf:
            refuse(f"the leaf of position {entry['position']} is not that of its columns")
        if entry["stream"] != take(case, "id", str) or entry["version"] != version:
            refuse(f"the case's entry {version} is missing, or is another case's")
        now = (entry["position"], entry["recorded_at"])
        if now[0] <= before[0] or now[1] < before[1]:
            refuse(f"position {now[0]} is out of order")
        before = now
        proof = hashes(entry.get("proof"))
        check_inclusion(now[0] - 1, log.size, leaf_hash(leaf.encode()), proof, log.root)
        stated = [
            (take(p, "account", str), take(p, "amount", int), p.get("claim"))
            for p in take(entry, "postings", list)
        ]
        own = moved(entry["type"], entry["payload"])
        if own is None:
            unknown.add(entry["type"])
        elif own != stated:
            refuse(f"the postings of position {now[0]} are not those of its event")
        if sum(amount for _, amount, _ in stated):
            refuse(f"the postings of position {now[0]} don't sum to zero")
        for account, amount, _ in stated:
            accounts[account] = accounts.get(account, 0) + amount
    if not entries or len(entries) != take(case, "entries", int):
        refuse("entries are missing")
    opened = json.loads(entries[0]["payload"])
    if entries[0]["type"] == "case_opened.v1" and opened.get("reference") != case.get("reference"):
        refuse("the case has another number")
    return accounts, unknown


def check_balance(document: dict[str, Any], accounts: dict[str, int]) -> None:
    """The balance is the sum of the postings."""
    stated = take(document, "balance", dict)
    owed = {
        account.removeprefix("receivable."): amount
        for account, amount in accounts.items()
        if account.startswith("receivable.") and amount
    }
    if owed != take(stated, "components", dict) or any(
        type(amount) is not int for amount in stated["components"].values()
    ):
        refuse(f"the balance is not the sum of the postings: {owed}")
    if take(stated, "outstanding", int) != sum(owed.values()):
        refuse("what is outstanding is not the sum of the balance")
    if take(stated, "overpaid", int) != -accounts.get("liability.overpayment", 0):
        refuse("what is overpaid is not the sum of the postings")


def check_attestation(document: dict[str, Any], origin: str, keys: Sequence[Key]) -> None:
    """The book's key vouches for the whole document: for who the debtor is, by its digest."""
    format = document["format"]
    left_out = {"attestation"} if format == EVIDENCE_1 else {"attestation", "subject"}
    rest = {name: value for name, value in document.items() if name not in left_out}
    digest = sha256(written(rest).encode()).hexdigest()
    note = take(document, "attestation", str)
    own = [key for key in keys if key.name == origin and key.kind == ED25519]
    text, made = signers(note, own)
    if not made or text != f"{format}\n{origin}\n{digest}\n":
        refuse("the file was changed: the book's key has not signed it as it is")


def receivable_moves(document: dict[str, Any]) -> dict[tuple[int, str], int]:
    """How much each entry changed what is owed of each component."""
    moves: dict[tuple[int, str], int] = {}
    for entry in document["entries"]:
        for posting in entry["postings"]:
            component = posting["account"].removeprefix("receivable.")
            if component != posting["account"]:
                key = (entry["position"], component)
                moves[key] = moves.get(key, 0) + posting["amount"]
    return {key: amount for key, amount in moves.items() if amount}


def check_rules(document: dict[str, Any]) -> None:
    """Each fee stands under the rule that its entry names, and that rule is shown."""
    shown = {take(rule, "rule", str) for rule in take(document["rules"], "applied", list)}
    named = {
        entry["position"]: json.loads(entry["payload"]).get("rule")
        for entry in document["entries"]
        if entry["type"].startswith("fee_charged.")
    }
    for item in document["explanation"]["items"]:
        for part in item["contributions"]:
            rule, position = part.get("rule"), part["position"]
            if rule != named.get(position):
                refuse(f"the explanation names another rule than the entry at position {position}")
            if rule is not None and rule not in shown:
                refuse(f"the rule {rule} is not among those that were applied")


def check_explanation(document: dict[str, Any]) -> None:
    """Each amount that explains the balance is what its entry moved, and nothing is left out."""
    told: dict[tuple[int, str], int] = {}
    owed: dict[str, int] = {}
    for item in take(document["explanation"], "items", list):
        component, total = take(item, "component", str), 0
        for part in take(item, "contributions", list):
            key, amount = (take(part, "position", int), component), take(part, "amount", int)
            told[key] = told.get(key, 0) + amount
            total += amount
        if total != take(item, "amount", int):
            refuse(f"what explains {component} does not sum to it")
        owed[component] = owed.get(component, 0) + total
    if {key: amount for key, amount in told.items() if amount} != receivable_moves(document):
        refuse("the explanation is not what the entries moved")
    owed = {name: amount for name, amount in owed.items() if amount}
    if owed != document["balance"]["components"]:
        refuse("what the explanation comes to is not the balance")
    if take(document["explanation"], "owed", int) != document["balance"]["outstanding"]:
        refuse("what the explanation says is owed is not what is outstanding")


def check_parts(document: dict[str, Any]) -> list[str]:
    """What stands beside the proofs; returns what of it is proved, and what is stated."""
    said = []
    if (document["explanation"] is None) != (document["rules"] is None):
        refuse("the explanation and the rules belong together")
    if document["explanation"] is not None:
        check_explanation(document)
        check_rules(document)
        number = len(document["rules"]["applied"])
        said += [
            "The explanation's amounts are those of the entries, under the rules that these name.",
            f"THE LEDGER'S WORD, signed: what the rules say ({number}) and where they were read,",
            "  interest that still runs, and the texts.",
        ]
    subject, digest = document["subject"], document["subject_digest"]
    if subject is not None:
        if sha256(written(subject).encode()).hexdigest() != digest:
            refuse("who the debtor is was changed")
        opened = json.loads(document["entries"][0]["payload"])
        if take(subject, "subject", str) != opened.get("debtor"):
            refuse("the file tells of somebody else than the case's debtor")
        said.append("THE LEDGER'S WORD, signed: who the debtor is. The log holds a random id only.")
    elif digest is not None:
        said.append("Who the debtor is was taken out of the file, which does no harm to the rest.")
    return said


def verify(data: bytes, pinned: Sequence[Key] = (), witnesses: Sequence[Key] = ()) -> list[str]:
    """Check a file; returns what was found, in sentences. Raises ``Refused``."""
    try:
        return checked(read(data), pinned, witnesses)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, OSError) as error:
        refuse(f"the file is not made as evidence is ({type(error).__name__})")


def checked(document: dict[str, Any], pinned: Sequence[Key], witnesses: Sequence[Key]) -> list[str]:
    """Check a document; returns what was found, in sentences."""
    kind = document.get("format")
    if kind not in {EVIDENCE_1, EVIDENCE, CONSISTENCY}:
        refuse(f"{kind!r} is no format that is known here")
    in_file = [parse_key(key) for key in take(document, "keys", list) if isinstance(key, str)]
    keys = list(pinned) or in_file
    log = checkpoint(document.get("checkpoint"), keys)
    said = [f"The log {log.origin} had {log.size:,} entries, and its key has signed that."]
    said += witnessed(document["checkpoint"], witnesses)
    for earlier in take(document, "earlier", list):
        old = checkpoint(earlier.get("checkpoint") if isinstance(earlier, dict) else None, keys)
        if old.origin != log.origin:
            refuse("an earlier checkpoint is another log's")
        check_consistency(old, log, hashes(earlier.get("proof")))
        said.append(f"It continues the log of {old.size:,} entries, with nothing changed in them.")
    if kind != CONSISTENCY:
        check_attestation(document, log.origin, keys)
        accounts, unknown = check_entries(document, log)
        check_balance(document, accounts)
        number = document["case"].get("reference")
        said.append(f"All {len(document['entries'])} entries of case {number} are in it.")
        owed = document["balance"]["outstanding"]
        currency = document.get("currency")
        said.append(f"They come to {owed} outstanding (minor units of {currency}).")
        for type in sorted(unknown):
            said.append(f"NOT CHECKED: the postings of {type} were taken as stated.")
    if kind == EVIDENCE:
        said += check_parts(document)
    if not pinned:
        said += unpinned(document["keys"])
    return said


def witnessed(note: str, witnesses: Sequence[Key]) -> list[str]:
    """That each of the witnesses has cosigned a checkpoint."""
    said = []
    cosigned = signers(note, witnesses)[1]
    for key, time in cosigned:
        when = "" if time is None else f" at {datetime.fromtimestamp(time, UTC).isoformat()}"
        said.append(f"The witness {key.name} has cosigned it{when}.")
    for key in witnesses:
        if key not in [made for made, _ in cosigned]:
            refuse(f"the witness {key.name} has not cosigned the checkpoint")
    return said


def unpinned(keys: Iterable[str]) -> list[str]:
    """What to do about keys that come from the file itself."""
    said = ["NOT CHECKED: whose key this is. Compare it with one that you trust:"]
    return said + [f"  {key}" for key in keys]


# ---------------------------------------------------------------- a whole log


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log, one after the other: it may be larger than the memory."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as lines:
        while line := lines.readline(LINE_BYTES_MAX):
            try:
                found = json.loads(
                    line,
                    object_pairs_hook=no_duplicates,
                    parse_float=no_number,
                    parse_constant=no_number,
                )
            except (ValueError, RecursionError) as error:
                refuse(f"a line of the file is no JSON: {error}")
            if not isinstance(found, dict) or not line.endswith(b"\n"):
                refuse("the file ends within a line, or a line is no entry")
            yield found


def is_log(path: Path) -> bool:
    """Whether a file is a log, by its first line."""
    try:
        return next(lines_of(path), {}).get("format") == LOG
    except (Refused, OSError, EOFError):
        return False


class Tree:
    """The right edge of a tree: the roots of its complete subtrees, largest first."""

    def __init__(self, size: int, peaks: list[bytes]) -> None:
        self.size, self.peaks = size, peaks
        if size < 0 or len(peaks) != size.bit_count():
            refuse("the frontier is not that of the entries before the first")

    def append(self, hash: bytes) -> None:
        """Add a leaf."""
        size = self.size
        while size & 1:
            hash, size = node_hash(self.peaks.pop(), hash), size >> 1
        self.peaks.append(hash)
        self.size += 1

    def root(self) -> bytes:
        """The tree's root."""
        if not self.peaks:
            return sha256(b"").digest()
        *others, root = self.peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root


def hexadecimal(text: Any) -> bytes:
    """A hash."""
    if not isinstance(text, str) or re.fullmatch("[0-9a-f]{64}", text) is None:
        refuse("something is no hash")
    return bytes.fromhex(text)


def check_log(path: Path, pinned: Sequence[Key], witnesses: Sequence[Key]) -> list[str]:
    """Check the log in a file against its checkpoint; returns what was found, in sentences."""
    try:
        return checked_log(lines_of(path), pinned, witnesses)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, EOFError) as error:
        refuse(f"the file is not made as a log is ({type(error).__name__})")


def checked_log(
    lines: Iterator[dict[str, Any]], pinned: Sequence[Key], witnesses: Sequence[Key]
) -> list[str]:
    """Every leaf in its place, and the root that they make."""
    header = next(lines)
    first, book = take(header, "first", int), take(header, "book", str)
    keys = list(pinned) or [parse_key(key) for key in take(header, "keys", list)]
    log = checkpoint(header.get("checkpoint"), keys)
    said = [f"The log {log.origin} had {log.size:,} entries, and its key has signed that."]
    said += witnessed(header["checkpoint"], witnesses)
    tree = Tree(first - 1, [hexadecimal(peak) for peak in take(header, "frontier", list)])
    before, told = tree.root(), 0
    for entry in lines:
        if entry.get("position") != tree.size + 1:
            refuse(f"position {tree.size + 1} is missing, or out of order")
        if "leaf_hash" in entry:
            if set(entry) != {"position", "leaf_hash"} or header.get("clinic") is None:
                refuse(f"position {entry['position']} is not told, and should be")
            tree.append(hexadecimal(entry["leaf_hash"]))
            continue
        if set(entry) != ENTRY:
            refuse(f"position {entry['position']} has other columns than an entry has")
        leaf = leaf_at(book, entry, take(entry, "recorded_at_us", int))
        tree.append(leaf_hash(leaf.encode()))
        told += 1
    if tree.size != log.size or tree.size != header.get("last") or tree.root() != log.root:
        refuse("the entries of the file are not those that were signed")
    said.append(f"All entries from {first:,} to {log.size:,} are as they were signed.")
    if header["clinic"] is not None:
        said.append(f"{told:,} of them are told, of {header['clinic']}; the others are hashes.")
    if first > 1:
        encoded = base64.b64encode(before).decode()
        said.append(f"NOT CHECKED: the {first - 1:,} entries before, whose root is {encoded}.")
    if not pinned:
        said += unpinned(header["keys"])
    return said


# ---------------------------------------------------------------- the program


def parse_keys(texts: Iterable[str]) -> list[Key]:
    """Keys, or files of keys with one on each line."""
    found: list[Key] = []
    for text in texts:
        path = Path(text)
        if "+" not in text or path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [parse_key(line) for line in lines if line.strip()]
        else:
            found.append(parse_key(text))
    return found


def main() -> int:
    """The program."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="the book's verifier key")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key")
    asked = parser.parse_args()
    try:
        pinned, witnesses = parse_keys(asked.key), parse_keys(asked.witness)
        if asked.key and not pinned:
            refuse("no key was given")
        if is_log(asked.file):
            said = check_log(asked.file, pinned, witnesses)
        else:
            with asked.file.open("rb") as file:
                said = verify(file.read(FILE_BYTES_MAX), pinned, witnesses)
        for line in said:
            print(line)
    except OSError as error:
        print(f"verify_evidence: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except Refused as refusal:
        print(f"REFUSED: {refusal}", file=sys.stderr)
        return 1
    print("It holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
