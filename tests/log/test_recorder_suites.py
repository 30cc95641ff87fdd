"""The test suites that `eventsourcing` has for any recorder, unmodified, on ours.

The module is imported by name, since pytest would collect the abstract suites themselves.
"""

from uuid import uuid4

import pytest
from eventsourcing.tests import persistence as suites
from sqlalchemy import Engine

from ledger.log.recorder import BookRecorder
from ledger.log.tracking import Tracker

pytestmark = [pytest.mark.database]


class _OnNewBooks:
    """Gives each recorder a book of its own."""

    engine: Engine

    @pytest.fixture(autouse=True)
    def _connect(self, engine: Engine) -> None:
        self.engine = engine

    def create_recorder(self) -> BookRecorder:
        recorder = BookRecorder(self.engine, f"book-{uuid4().hex}")
        recorder.create_book("NOK")
        return recorder


class TestApplicationRecorder(_OnNewBooks, suites.ApplicationRecorderTestCase[BookRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestProcessRecorder(_OnNewBooks, suites.ProcessRecorderTestCase):
    pass


class TestNonInterleavingPositions(_OnNewBooks, suites.NonInterleavingNotificationIDsBaseCase):
    pass


class TestTracker(suites.TrackingRecorderTestCase):
    engine: Engine

    @pytest.fixture(autouse=True)
    def _connect(self, engine: Engine) -> None:
        self.engine = engine

    def create_recorder(self) -> Tracker:
        return Tracker(self.engine, consumer=f"test-{uuid4().hex}")
