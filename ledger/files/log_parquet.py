"""The log of a book as Parquet: the columns of its JSON Lines (``log_lines``), and the same header.

The header is JSON under the key ``caseledger`` of the file's metadata. ``recorded_at_us`` is called
``recorded_at`` here and is a timestamp in whole microseconds, UTC. Needs the optional package
``pyarrow``.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from ledger.files.log_lines import LogHeader, LogLine
from ledger.files.whole import CannotWrite

EXTRA: Final = "parquet"
METADATA_KEY: Final = "caseledger"
GROUP_ROWS: Final = 20_000
"""Rows that are held in memory before they are written: a few tens of megabytes."""


def check_installed() -> None:
    """Raise ``CannotWrite`` if the package that writes Parquet is missing."""
    _library("pyarrow")


def write_parquet(file: BinaryIO, header: LogHeader, lines: Iterable[LogLine]) -> None:
    """Write the header and the entries, a group of rows at a time."""
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    text, known = arrow.string(), header.clinic is None
    columns = [
        ("position", arrow.int64(), False),
        ("stream", text, not known),
        ("version", arrow.int32(), not known),
        ("type", text, not known),
        ("recorded_at", arrow.timestamp("us", tz="UTC"), not known),
        ("actor", text, not known),
        ("channel", text, not known),
        ("command_id", text, not known),
        ("payload", text, not known),
        ("leaf_hash", text, True),
    ]
    fields = [arrow.field(name, kind, nullable=nullable) for name, kind, nullable in columns]
    schema = arrow.schema(fields, metadata={METADATA_KEY: msgspec.json.encode(header)})
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(lines):
            by_column = zip(*map(msgspec.structs.astuple, group), strict=True)
            arrays = [
                arrow.array(values, type=field.type)
                for values, field in zip(by_column, fields, strict=True)
            ]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))


def _groups(lines: Iterable[LogLine]) -> Iterator[list[LogLine]]:
    rest = iter(lines)
    while group := list(islice(rest, GROUP_ROWS)):
        yield group


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise CannotWrite(
            f"Parquet needs a further package: pip install 'caseledger[{EXTRA}]'; or name a .jsonl"
        ) from error
