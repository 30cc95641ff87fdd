"""An entry of the log as a CloudEvent (CloudEvents 1.0, JSON format)."""

from typing import Any, Final

from ledger.application.views import entry_view
from ledger.domain.recorded import Recorded

SPEC_VERSION: Final = "1.0"
TYPE_PREFIX: Final = "no.caseledger."


def type_of(name: str, version: int) -> str:
    """The CloudEvents type of an event of the domain: ``no.caseledger.payment_received.v1``."""
    return f"{TYPE_PREFIX}{name}.v{version}"


def cloud_event(entry: Recorded, book: str, currency: str) -> dict[str, Any]:
    """The envelope. ``source`` and ``id`` together name the entry for ever.

    ``sequence`` is the position with leading zeros, so that it sorts as text (CloudEvents
    extension *sequence*).
    """
    event = entry.event
    return {
        "specversion": SPEC_VERSION,
        "id": str(entry.position),
        "source": f"/v1/books/{book}",
        "type": type_of(event.name, event.version),
        "subject": f"cases/{entry.stream}",
        "time": entry.recorded_at.isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{entry.position:019d}",
        "data": {**entry_view(entry, currency), "currency": currency},
    }
