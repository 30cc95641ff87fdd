"""The key-encryption key: where it comes from, and how another is taken into use.

It wraps the data keys and never touches data, so that another can take its place without any
data being written anew. It is kept apart from the database and its backups: whoever has only one
of the two can read nothing.
"""

import base64
import binascii
import fcntl
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, cast

import msgspec

from ledger.people.sealing import KEY_BYTES, CannotOpen, open_sealed, seal

KEY_FILE: Final = "CASELEDGER_PEOPLE_KEY_FILE"
KEYS: Final = "CASELEDGER_PEOPLE_KEYS"
KEY_SERVICE: Final = "CASELEDGER_PEOPLE_KEY_SERVICE"


class NoKeys(Exception):
    """The key-encryption key can't be had. The message says what to do."""


class KeyGone(Exception):
    """What was wrapped can't be unwrapped any more: its generation of the key was destroyed."""


class Wrapped(msgspec.Struct, frozen=True):
    """A key as the database keeps it: sealed under one generation of the key-encryption key."""

    generation: str
    sealed: bytes


class KeyService(Protocol):
    """What the vault needs of a key management service: two calls and a name.

    ``context`` must be bound to what is wrapped (the encryption context or additional
    authenticated data of such services).
    """

    @property
    def generation(self) -> str:
        """The name of the generation that ``wrap`` uses now."""

    def wrap(self, key: bytes, context: bytes) -> Wrapped:
        """Seal a key under the present generation."""

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """The key again. Raises ``KeyGone``."""


class LocalKeys:
    """Generations of the key-encryption key in this process; the first one named is in use."""

    def __init__(self, generations: Mapping[str, bytes]) -> None:
        if not generations:
            raise NoKeys("there is no key-encryption key")
        for name, key in generations.items():
            if len(key) != KEY_BYTES:
                raise NoKeys(f"generation {name!r} of the key is not {KEY_BYTES} bytes long")
        self._generations = dict(generations)
        self._present = next(iter(generations))

    @property
    def generation(self) -> str:
        """The generation in use."""
        return self._present

    def wrap(self, key: bytes, context: bytes) -> Wrapped:
        """Seal a key under the generation in use."""
        return Wrapped(self._present, seal(self._generations[self._present], key, context))

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """The key again. Raises ``KeyGone`` if its generation is not here or not the right one."""
        generation = self._generations.get(wrapped.generation)
        if generation is None:
            raise KeyGone(wrapped.generation)
        try:
            return open_sealed(generation, wrapped.sealed, context)
        except CannotOpen as error:
            raise KeyGone(wrapped.generation) from error


class _Generation(msgspec.Struct):
    name: str
    key: str
    made_on: date
    retired_on: date | None = None


class _Contents(msgspec.Struct):
    generations: list[_Generation]
    """The newest first."""
    warning: str = "Whoever reads this file and the database reads everything. Back it up apart."


class KeyFile:
    """A key service: generations of the key-encryption key in a file of mode 0600.

    The file is read again when it has changed, so that programs that run all along take part
    in a rotation.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_from: tuple[int, int, int] | None = None
        self._keys: LocalKeys | None = None

    @property
    def generation(self) -> str:
        """The generation in use."""
        return self._current().generation

    def wrap(self, key: bytes, context: bytes) -> Wrapped:
        """Seal a key under the generation in use. Raises ``NoKeys``."""
        return self._current().wrap(key, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """The key again. Raises ``KeyGone`` and ``NoKeys``."""
        return self._current().unwrap(wrapped, context)

    def make(self, today: date) -> None:
        """Write the file with a first generation, unless it is there."""
        with self._locked():
            if not self.path.exists():
                self._write(_Contents([_generation(today)]))

    def rotate(self, today: date) -> str:
        """Take a new generation into use; its name. Older ones stay until they are forgotten."""
        with self._locked():
            contents = self._read()
            for generation in contents.generations:
                if generation.retired_on is None:
                    generation.retired_on = today
            made = _generation(today)
            contents.generations.insert(0, made)
            self._write(contents)
        return made.name

    def forget(self, today: date, keep_days: int, in_use: Collection[str]) -> list[str]:
        """Destroy the generations that were retired ``keep_days`` days ago or longer; their names.

        Those that still wrap something (``in_use``) stay. A backup that is older can't be read
        from then on, whoever has it.
        """
        last = today - timedelta(days=keep_days)
        with self._locked():
            contents = self._read()
            gone = [
                generation
                for generation in contents.generations
                if generation.retired_on is not None
                and generation.retired_on <= last
                and generation.name not in in_use
            ]
            if gone:
                contents.generations = [g for g in contents.generations if g not in gone]
                self._write(contents)
        return [generation.name for generation in gone]

    def _current(self) -> LocalKeys:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._read()  # which says what to do
            raise
        state = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._keys is None or state != self._read_from:
            contents = self._read()
            self._keys = LocalKeys({g.name: _decoded(g) for g in contents.generations})
            self._read_from = state
        return self._keys

    def _read(self) -> _Contents:
        try:
            if self.path.stat().st_mode & 0o077:
                raise NoKeys(
                    f"{self.path} can be read by others; run chmod 600 on it, and rotate the key"
                )
            return msgspec.json.decode(self.path.read_bytes(), type=_Contents)
        except FileNotFoundError as error:
            raise NoKeys(
                f"there is no key file {self.path}; restore it from its own backup, or name"
                f" another in {KEY_FILE}"
            ) from error
        except msgspec.MsgspecError as error:
            raise NoKeys(f"{self.path} is no key file: {error}") from error

    def _write(self, contents: _Contents) -> None:
        """All or nothing, and on the disk when it returns."""
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(msgspec.to_builtins(contents), indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        sync_folder(self.path.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _generation(today: date) -> _Generation:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return _Generation(f"{today.isoformat()}-{secrets.token_hex(4)}", key, today)


def _decoded(generation: _Generation) -> bytes:
    try:
        return base64.b64decode(generation.key, validate=True)
    except binascii.Error as error:
        raise NoKeys(f"generation {generation.name!r} of the key file is no base64") from error


def sync_folder(folder: Path) -> None:
    """Make a file's name as durable as its content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keys_from_text(text: str) -> LocalKeys:
    """``name:base64`` generations, separated by commas or spaces, the one in use first."""
    generations: dict[str, bytes] = {}
    for part in text.replace(",", " ").split():
        name, _, encoded = part.partition(":")
        try:
            generations[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise NoKeys(f"{KEYS}: generation {name!r} is no base64") from error
    return LocalKeys(generations)


def key_file(home: Path, environment: Mapping[str, str]) -> KeyFile:
    """The key file of a home, or the one that is named."""
    named = environment.get(KEY_FILE)
    return KeyFile(Path(named) if named else home / "keys" / "people.json")


def find_keys(home: Path, environment: Mapping[str, str], today: date) -> KeyService:
    """The key service that the settings name: a service, the environment, or else a key file."""
    if service := environment.get(KEY_SERVICE):
        module, _, name = service.partition(":")
        try:
            made: Any = getattr(import_module(module), name)()
        except (ImportError, AttributeError, ValueError) as error:
            raise NoKeys(f"{KEY_SERVICE} must be module:function, not {service!r}") from error
        return cast(KeyService, made)
    if text := environment.get(KEYS):
        return keys_from_text(text)
    file = key_file(home, environment)
    file.make(today)
    return file
