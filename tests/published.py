"""Data that others have published, beside the project or where CASELEDGER_TEST_DATA names it."""

import os
from pathlib import Path

import pytest


def published(folder: str) -> Path:
    """A folder of it; the test is skipped if it is not at hand."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    found = Path(os.environ.get("CASELEDGER_TEST_DATA", beside)) / folder
    if not found.is_dir():
        pytest.skip(f"../shared/data/{folder} is not at hand")
    return found
