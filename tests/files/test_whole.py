"""A file is there whole or not at all."""

import gzip
from pathlib import Path

import pytest

from ledger.files.whole import CannotWrite, unpacked_suffix, whole_file


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with whole_file(path) as file:
        file.write(b"one\n")
        assert not path.exists()
    assert path.read_bytes() == b"one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_with_gz_is_packed_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        with whole_file(tmp_path / name) as file:
            file.write(b"one\n" * 1_000)
    packed = (tmp_path / "a.gz").read_bytes()
    assert gzip.decompress(packed) == b"one\n" * 1_000
    assert packed == (tmp_path / "b.gz").read_bytes()


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_an_error_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt), whole_file(path, replace=True) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"before")
    with pytest.raises(CannotWrite, match="--force"), whole_file(path):
        pytest.fail("it was opened")
    with whole_file(path, replace=True) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"


def test_what_came_there_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with pytest.raises(CannotWrite, match="is there already"), whole_file(path) as file:
        file.write(b"ours")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["none/log.jsonl", "folder"])
def test_what_can_be_no_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotWrite), whole_file(tmp_path / name, replace=True):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("a.jsonl", ".jsonl"), ("a.JSONL.gz", ".jsonl"), ("a.b.csv", ".csv"), ("a", ""), ("a.gz", "")],
)
def test_what_a_name_says(name: str, suffix: str) -> None:
    assert unpacked_suffix(Path(name)) == suffix
