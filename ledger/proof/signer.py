"""Signs a book's heads, and remembers outside of the database what it has signed.

Its rule is a witness's: nothing is signed that does not continue what was signed last. So
neither a failover nor a restored backup nor the database's owner can make it sign a fork.

For each book its folder holds a folder of these files:

    key           the private key, as ``ledger.proof.keys`` writes it; for its owner's eyes only
    keys          every verifier key that the book ever had, the newest last
    checkpoints   all notes ever signed, each as one line of JSON; first of all written there
    signed        the note that was signed last; written before it is handed out
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from ledger.log.merkle import EMPTY_ROOT, proves_consistency
from ledger.proof.keys import BadKey, SigningKey, VerifierKey, check_name
from ledger.proof.notes import BadNote, Checkpoint, Note, verified_checkpoint
from ledger.proof.state import append_durably, locked, read_lines, write_durably

DEFAULT_ORIGIN: Final = "localhost/ledger"

STATEMENT: Final = "caseledger/evidence/2"
"""The first line of the only other text that a book's key signs. Its second line is no size, so
that it can't be taken for a checkpoint."""

Prove = Callable[[int, int], Sequence[bytes]]
"""The consistency proof from an older size to a newer one."""


class Observed(NamedTuple):
    """A book's head, which is durable."""

    size: int
    root: bytes
    first: bool
    """Whether the book has no checkpoint yet: a signer that has forgotten must not begin anew."""


class SignerRefusal(Exception):
    """The head does not continue what was signed last, or what was signed last is not known.

    Nothing was signed. Somebody should find out why: a restored backup, a failover that lost
    entries, or a log that was tampered with.
    """


class Signer:
    """The keys and the memory of a folder, which must not be part of the database's backups.

    ``origin`` is what the names of new keys begin with. Raises ``BadKey`` if it can't be.
    """

    def __init__(self, folder: Path, origin: str = DEFAULT_ORIGIN) -> None:
        self._folder = folder
        self._origin = check_name(origin.rstrip("/"))

    def __repr__(self) -> str:
        return f"<signer in {self._folder}>"

    def keys(self, book: str) -> list[VerifierKey]:
        """Every public key that the book ever had, the newest last; none before the first."""
        return [VerifierKey.parse(line) for line in read_lines(self._folder / book / "keys")]

    def last(self, book: str) -> Note | None:
        """What was signed last; ``None`` before the first. Raises ``SignerRefusal`` if that can't
        be told.

        A signer that was killed may have added a note to its history and not come further: that
        counts, though it was never handed out.
        """
        path = self._folder / book / "signed"
        found = self.history(book)[-1:]
        try:
            note = Note.parse(path.read_bytes())
            verified_checkpoint(note, self._known(book))
            found.append(note)
        except FileNotFoundError:
            pass
        except BadNote as error:
            raise SignerRefusal(
                f"{path} is damaged ({error}); restore the signer's folder"
            ) from error
        return max(found, key=_size, default=None)

    def history(self, book: str) -> list[Note]:
        """All that was ever signed, oldest first."""
        keys = self._known(book)
        found: list[Note] = []
        for line in read_lines(self._folder / book / "checkpoints"):
            with suppress(ValueError):  # a damaged line proves nothing, and hides no other
                note = Note.parse(json.loads(line))
                verified_checkpoint(note, keys)
                found.append(note)
        return found

    def sign(self, book: str, observe: Callable[[], Observed], prove: Prove) -> Note:
        """Sign the head of the book, and remember it; the same head again gives the same note.

        ``observe`` is called when nobody else signs, so that a head that was looked at earlier
        does not seem to have gone back. ``prove`` gives the consistency proof from an older size
        to the one observed. Raises ``SignerRefusal``.
        """
        with locked(self._folder / book):
            last = self.last(book)
            keys = self._signing_keys(book)
            size, root, first = observe()
            if last is None:
                if not first:
                    raise SignerRefusal(
                        f"book {book!r} has checkpoints, and this signer knows of none; restore"
                        f" the signer's folder {self._folder}"
                    )
                keys = keys or [self._new_key(book, f"{self._origin}/{book}")]
                if size == 0 and root != EMPTY_ROOT:
                    raise SignerRefusal(f"book {book!r} is empty and has another root than that")
            else:
                signed = Checkpoint.parse(last.text)
                if (signed.size, signed.root) == (size, root) and _has_signed(keys, last):
                    return last
                _check_continues(book, signed, size, root, prove)
            if not keys:
                raise SignerRefusal(f"the private key of book {book!r} is missing")
            note = Note(str(Checkpoint(keys[-1].verifier.name, size, root)))
            for key in keys:
                note = note.signed(key)
            # The memory first: a note that was given away must never be forgotten.
            append_durably(self._folder / book / "checkpoints", json.dumps(str(note)))
            write_durably(self._folder / book / "signed", str(note))
            self._retire(book, keys)
            return note

    def attest(self, book: str, statement: str) -> Note:
        """Sign something that is no checkpoint: ``STATEMENT`` and further lines.

        Raises ``SignerRefusal`` if the book has no key yet.
        """
        with locked(self._folder / book):
            keys = self._signing_keys(book)
            if not keys:
                raise SignerRefusal(f"book {book!r} has no key yet; make a checkpoint first")
            return Note(f"{STATEMENT}\n{statement}").signed(keys[-1])

    def rotate(self, book: str) -> VerifierKey:
        """Give the book a new key under its name.

        The next checkpoint is signed by both keys, so that whoever trusts the old one can come
        to trust the new one; then the old private key is gone. Its public key stays.
        """
        with locked(self._folder / book):
            keys = self._signing_keys(book)
            name = keys[-1].verifier.name if keys else f"{self._origin}/{book}"
            return self._new_key(book, name).verifier

    def _known(self, book: str) -> list[VerifierKey]:
        try:
            return self.keys(book)
        except BadKey as error:
            raise SignerRefusal(
                f"{self._folder / book / 'keys'} is damaged ({error}); restore the signer's folder"
            ) from error

    def _signing_keys(self, book: str) -> list[SigningKey]:
        """Usually one; after a rotation and until the next checkpoint, the old and the new."""
        try:
            lines = read_lines(self._folder / book / "key")
            return [SigningKey.parse(line) for line in lines]
        except BadKey as error:
            raise SignerRefusal(f"the private key of book {book!r} is damaged: {error}") from error

    def _new_key(self, book: str, name: str) -> SigningKey:
        key = SigningKey.generate(name)
        # The public part first: no note may ever be signed by a key that nobody can verify.
        append_durably(self._folder / book / "keys", str(key.verifier))
        append_durably(self._folder / book / "key", str(key))
        return key

    def _retire(self, book: str, keys: Sequence[SigningKey]) -> None:
        if len(keys) > 1:
            write_durably(self._folder / book / "key", f"{keys[-1]}\n")


def _size(note: Note) -> int:
    return Checkpoint.parse(note.text).size


def _has_signed(keys: Sequence[SigningKey], note: Note) -> bool:
    """Whether all keys have; a key that is new has yet to, though the head is the same."""
    made = {(signature.name, signature.key_id) for signature in note.signatures}
    return all((key.verifier.name, key.verifier.id) in made for key in keys)


def _check_continues(book: str, signed: Checkpoint, size: int, root: bytes, prove: Prove) -> None:
    if size < signed.size:
        raise SignerRefusal(
            f"the log of book {book!r} ends at position {size:,}, and {signed.size:,} were signed:"
            " a backup was restored, or entries were cut off"
        )
    if size == signed.size:
        if root != signed.root:
            raise SignerRefusal(
                f"the log of book {book!r} has another root at position {size:,} than was signed"
            )
        return
    if signed.size and not proves_consistency(
        signed.size, size, prove(signed.size, size), signed.root, root
    ):
        raise SignerRefusal(
            f"the log of book {book!r} does not continue the one that was signed at position"
            f" {signed.size:,}: an entry up to there is another one now"
        )
