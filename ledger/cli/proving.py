"""``caseledger checkpoint``, ``evidence``, ``key`` and ``witness``: what others check us by."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_args
from uuid import UUID

import typer

from ledger.application.evidence import case_evidence
from ledger.application.ledger import Ledger
from ledger.cli.database import database, home, open_ledger
from ledger.cli.exits import Exit, Failed
from ledger.cli.listening import tcp_socket
from ledger.cli.options import Book, Json
from ledger.cli.output import out, print_json, say
from ledger.cli.signing import signer, signer_folder
from ledger.cli.vault import check_erasures, failed, open_vault, operator
from ledger.domain.personal import Purpose
from ledger.domain.refusals import Refusal
from ledger.people.evidence import debtor_for_evidence
from ledger.proof.checkpoints import Made, make_checkpoint
from ledger.proof.evidence import make_consistency, written
from ledger.proof.keys import BadKey, VerifierKey
from ledger.proof.notes import BadNote, Note
from ledger.proof.report import html_report
from ledger.proof.timestamps import read_roots, stamp
from ledger.proof.witness import Witness
from ledger.proof.witnesses import Cosigned, RemoteWitness, register, registered
from ledger.wording.amounts import Language

WITNESS_PORT: Final = 8040

keys = typer.Typer(no_args_is_help=True)
witness = typer.Typer(no_args_is_help=True)

Since = Annotated[
    list[Path] | None,
    typer.Option(
        "--since",
        help="A file with an earlier checkpoint: also prove that this one continues it.",
        metavar="FILE",
    ),
]
WitnessFolder = Annotated[
    Path | None,
    typer.Option("--folder", help="The witness's folder; else one in the home.", metavar="FOLDER"),
]
LogKey = Annotated[str, typer.Argument(metavar="KEY", help="A verifier key: name+id+base64.")]


@keys.callback()
def _keys() -> None:
    """The keys that a book's checkpoints are signed by."""


@witness.callback()
def _witness() -> None:
    """Cosign the checkpoints of others, or have ours cosigned."""


def checkpoint(
    book: Book = None,
    since: Since = None,
    timestamp: Annotated[
        str | None,
        typer.Option(help="Also have it timestamped by this authority (RFC 3161).", metavar="URL"),
    ] = None,
    timestamp_root: Annotated[
        Path | None,
        typer.Option(help="The authority's root certificate, as PEM.", metavar="FILE"),
    ] = None,
    json: Json = False,
) -> None:
    """Sign the book's head as it is now, and print the checkpoint.

    Nothing is signed that does not continue what was signed before: then it ends with code 3.
    With --since, prints the proof that the log continues an earlier checkpoint, as a document
    that verify_evidence.py checks. With --timestamp, keeps the note and the authority's answer
    in the signer's folder.
    """
    if (timestamp is None) != (timestamp_root is None):
        raise Failed("--timestamp and --timestamp-root belong together", Exit.USAGE)
    with database() as url:
        ledger = open_ledger(url, book)
        asked = registered(signer_folder())
        if since:
            if len(since) > 1:
                raise Failed("name one earlier checkpoint", Exit.USAGE)
            document = make_consistency(
                ledger.engine, ledger.book, _note(since[0]), signer(), asked
            )
            out.print(written(document), end="")
            return
        made = make_checkpoint(ledger.engine, ledger.book, signer(), asked)
    tell_witnesses(made.witnesses)
    if timestamp is not None and timestamp_root is not None:
        _stamp(ledger.book, made, timestamp, timestamp_root)
    if json:
        print_json(_shown(ledger.book, made))
    else:
        out.print(str(made.note), end="")


def evidence(
    ref: Annotated[str, typer.Argument(help="The case's number or id.", metavar="CASE")],
    out_file: Annotated[
        Path, typer.Option("--out", help="The file to write; a report goes beside it.")
    ],
    book: Book = None,
    since: Since = None,
    language: Annotated[str, typer.Option(help="Of the report: nb or en.")] = "nb",
    person: Annotated[
        str | None,
        typer.Option(
            help="Also who the debtor is, and why you ask: "
            + ", ".join(get_args(Purpose))
            + ". On record, and theirs to ask.",
            metavar="PURPOSE",
        ),
    ] = None,
) -> None:
    """Write evidence of a case: a JSON file that verify_evidence.py checks offline, and a report.

    It holds the case's entries with their exact bytes, the proofs that they are in the log, a
    checkpoint that is made for it, the balance with the postings that it is made of, and why it
    is what it is: by component, with the rules and rates that were applied and their sources.
    With --person, put null in the place of "subject" to hand it on without personal data.
    """
    if language not in {"nb", "en"}:
        raise typer.BadParameter("choose nb or en", param_hint="--language")
    if person is not None and person not in get_args(Purpose):
        raise typer.BadParameter(", ".join(get_args(Purpose)), param_hint="--person")
    report = out_file.with_suffix(".html")
    if report == out_file:
        raise typer.BadParameter("the report is the .html; name a .json", param_hint="--out")
    in_words: Language = "nb" if language == "nb" else "en"
    with database() as url:
        ledger = open_ledger(url, book)
        case = ledger.find(ref)
        document = case_evidence(
            ledger,
            case,
            signer(),
            earlier=[_note(file) for file in since or ()],
            witnesses=registered(signer_folder()),
            subject=None if person is None else _debtor(url, ledger, case, person),
        )
    if person is not None:
        for file in (out_file, report):
            file.touch(mode=0o600)
    out_file.write_text(written(document), encoding="utf-8", newline="")
    report.write_text(html_report(document, in_words), encoding="utf-8")
    out.print(f"{out_file}: {len(document['entries'])} entries; {report} to read.")


@keys.command()
def show(book: Book = None) -> None:
    """Print the public keys that the book's checkpoints were ever signed by, the newest last."""
    with database() as url:
        ledger = open_ledger(url, book)
    found = signer().keys(ledger.book)
    if not found:
        raise Failed(f"book {ledger.book!r} has no key yet; `caseledger checkpoint` makes one")
    for key in found:
        out.print(str(key))


@keys.command()
def rotate(book: Book = None) -> None:
    """Give the book a new key, and sign a checkpoint by the old one and the new.

    Old checkpoints stay verifiable; the old private key is gone afterwards.
    """
    with database() as url:
        ledger = open_ledger(url, book)
        make_checkpoint(ledger.engine, ledger.book, signer())
        new = signer().rotate(ledger.book)
        made = make_checkpoint(ledger.engine, ledger.book, signer(), registered(signer_folder()))
    tell_witnesses(made.witnesses)
    out.print(str(new))


@witness.command()
def create(
    name: Annotated[str, typer.Argument(help="Such as witness.example/w1.")],
    folder: WitnessFolder = None,
) -> None:
    """Make a witness with a key of its own, and print its public key."""
    try:
        out.print(str(Witness.create(_folder(folder), name).key))
    except BadKey as error:
        raise Failed(str(error), Exit.USAGE) from error


@witness.command()
def trust(key: LogKey, folder: WitnessFolder = None) -> None:
    """Cosign the log of this key from now on."""
    Witness(_folder(folder)).trust(_key(key))
    out.print(f"The witness knows {_key(key).name}.")


@witness.command()
def run(
    folder: WitnessFolder = None,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = WITNESS_PORT,
) -> None:
    """Answer add-checkpoint (C2SP tlog-witness) until Ctrl-C. Needs no database."""
    import uvicorn

    from ledger.proof.witness_server import create_app

    try:
        found = Witness(_folder(folder))
        key = found.key
    except FileNotFoundError as error:
        raise Failed(f"{_folder(folder)} holds no witness; `caseledger witness create`") from error
    listener = tcp_socket()
    try:
        listener.bind((host, port))
    except OSError as error:
        raise Failed(f"{host}:{port} can't be used: {error.strerror}", Exit.USAGE) from error
    say(f"{key} cosigns at http://{host}:{port}/add-checkpoint until Ctrl-C.")
    config = uvicorn.Config(create_app(found), log_level="warning", access_log=False)
    with suppress(KeyboardInterrupt):  # which uvicorn hands on when it has ended
        uvicorn.Server(config).run(sockets=[listener])


@witness.command()
def ask(
    url: Annotated[str, typer.Argument(help="Where the witness is: https://…", metavar="URL")],
    key: LogKey,
) -> None:
    """Have our checkpoints cosigned by this witness from now on."""
    register(signer_folder(), RemoteWitness(url, _key(key)))
    out.print(f"{_key(key).name} is asked to cosign every checkpoint from now on.")


def _debtor(url: str, ledger: Ledger, case: UUID, purpose: str) -> dict[str, Any]:
    """Who owes, from the vault; that it was read for this purpose is on record."""
    check_erasures(url)
    vault = open_vault(url, ledger)
    try:
        why = cast(Purpose, purpose)
        found = debtor_for_evidence(vault, ledger.case(case), operator(), why)
    finally:
        vault.engine.dispose()
    if isinstance(found, Refusal):
        raise failed(found)
    return found


def _folder(named: Path | None) -> Path:
    return named or home() / "witness"


def _key(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except BadKey as error:
        raise Failed(str(error), Exit.USAGE) from error


def _note(file: Path) -> Note:
    try:
        return Note.parse(file.read_bytes())
    except BadNote as error:
        raise Failed(f"{file} holds no checkpoint: {error}", Exit.USAGE) from error


def tell_witnesses(answers: tuple[Cosigned, ...]) -> None:
    """Say which of the witnesses that were asked have not cosigned."""
    for answer in answers:
        if answer.problem is not None:
            say(f"caseledger: the witness {answer.witness} has not cosigned: {answer.problem}")


def _stamp(book: str, made: Made, url: str, root: Path) -> None:
    response, at = stamp(made.note, url, read_roots(root.read_bytes()))
    folder = signer_folder() / book / "timestamps"
    folder.mkdir(exist_ok=True)
    (folder / f"{made.size}.note").write_text(str(made.note), encoding="utf-8", newline="")
    (folder / f"{made.size}.tsr").write_bytes(response)
    say(f"Timestamped {at.isoformat()}: {folder / f'{made.size}.tsr'}")


def _shown(book: str, made: Made) -> dict[str, object]:
    return {
        "book": book,
        "size": made.size,
        "note": str(made.note),
        "witnesses": {answer.witness: answer.problem for answer in made.witnesses},
    }
