"""Timestamps of checkpoints by an authority (RFC 3161): the note's bytes existed before then.

A timestamp stops no fork, as a witness does; it needs nobody but an authority that everybody
knows. Needs the optional package ``rfc3161-client``. What comes back can be checked by others:

    openssl ts -verify -in 1155.tsr -data 1155.note -CAfile root.pem
"""

from collections.abc import Sequence
from datetime import datetime
from http.client import HTTPException
from importlib import import_module
from types import ModuleType
from typing import Final

from cryptography.x509 import Certificate, load_pem_x509_certificates

from ledger.log.errors import LogError
from ledger.proof.notes import Note
from ledger.proof.post import post

QUERY_TYPE: Final = "application/timestamp-query"
EXTRA: Final = "timestamps"


class NotStamped(LogError):
    """The authority gave no timestamp, or none that holds."""


def stamp(note: Note, url: str, roots: Sequence[Certificate]) -> tuple[bytes, datetime]:
    """Ask an authority for a timestamp of a note; returns its response (DER) and the time.

    The response must be of this note and this request, and lead to one of ``roots``. Raises
    ``NotStamped``.
    """
    client = _library()
    request = (
        client.TimestampRequestBuilder()
        .data(str(note).encode())
        .hash_algorithm(client.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        answer = post(url, request.as_bytes(), QUERY_TYPE)
    except (OSError, HTTPException) as error:
        raise NotStamped(f"the timestamp authority does not answer: {error}") from error
    if answer.status != 200:
        raise NotStamped(f"the timestamp authority answered {answer.status}")
    return answer.body, _checked(note, answer.body, roots, request.nonce)


def stamped_at(note: Note, response: bytes, roots: Sequence[Certificate]) -> datetime:
    """When an authority saw a note, as its response says that leads to one of ``roots``.

    Raises ``NotStamped``.
    """
    return _checked(note, response, roots, None)


def read_roots(pem: bytes) -> list[Certificate]:
    """The certificates of a PEM file. Raises ``NotStamped`` if there are none."""
    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise NotStamped(f"no certificates in PEM: {error}") from error


def _checked(
    note: Note, response: bytes, roots: Sequence[Certificate], nonce: int | None
) -> datetime:
    client = _library()
    builder = client.VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        decoded = client.decode_timestamp_response(response)
        builder.build().verify_message(decoded, str(note).encode())
        found: datetime = decoded.tst_info.gen_time
    except (client.VerificationError, ValueError) as error:
        raise NotStamped(f"the timestamp does not hold: {error}") from error
    return found


def _library() -> ModuleType:
    try:
        return import_module("rfc3161_client")
    except ImportError as error:
        raise NotStamped(
            f"timestamps need a further package: pip install 'caseledger[{EXTRA}]'"
        ) from error
