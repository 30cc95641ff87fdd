"""The `eventsourcing` library as it comes: an aggregate for each case, loaded, changed and saved.

    stock.py commands N     payments recorded, one at a time: prints how many a second
    stock.py replay N       N events of cases read in order and folded: prints events a second

With its SQLAlchemy recorder, on the database that BENCH_URL names.
"""

import os
import sys
from time import perf_counter
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Case(Aggregate):
    """What a payment needs to know of a case, and nothing more."""

    @event("Opened")
    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.owed: dict[str, int] = {}
        self.paid: dict[str, int] = {}
        self.delivered = False

    @event("Invoiced")
    def invoice(self, invoice: str, amount: int, due: str) -> None:
        self.owed[invoice] = amount

    @event("Delivered")
    def deliver(self, invoice: str, channel: str) -> None:
        self.delivered = True

    def pay(self, payment: str, amount: int, day: str) -> None:
        if payment in self.paid:
            raise ValueError("paid before")
        invoice = next(iter(self.owed))
        self._paid(payment=payment, amount=amount, invoice=invoice, day=day)

    @event("Paid")
    def _paid(self, payment: str, amount: int, invoice: str, day: str) -> None:
        self.paid[payment] = amount
        self.owed[invoice] -= amount


def application() -> Application:
    return Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing_sqlalchemy",
            "SQLALCHEMY_URL": os.environ["BENCH_URL"],
        }
    )


def opened(app: Application, cases: int, payments: int = 0) -> list[UUID]:
    ids = []
    for number in range(cases):
        case = Case(reference=f"case-{number}")
        case.invoice(f"case-{number}-1", 300_00, "2026-04-01")
        case.deliver(f"case-{number}-1", "post")
        for each in range(payments):
            case.pay(f"{number}-{each}", 1_00, "2026-03-22")
        app.save(case)
        ids.append(case.id)
    return ids


def commands(count: int) -> float:
    app = application()
    ids = opened(app, max(1, count // 4))
    started = perf_counter()
    for number in range(count):
        case: Case = app.repository.get(ids[number % len(ids)])
        case.pay(f"bank-{number}", 1_00, "2026-03-22")
        app.save(case)
    return count / (perf_counter() - started)


def replay(count: int) -> float:
    app = application()
    missing = count - (app.recorder.max_notification_id() or 0)
    if missing > 0:
        opened(app, missing // 7 + 1, payments=4)
    done, start = 0, 1
    cases: dict[UUID, Case] = {}
    started = perf_counter()
    while done < count:
        page = app.recorder.select_notifications(start, limit=1000)
        if not page:
            break
        for notification in page:
            changed = app.mapper.to_domain_event(notification)
            case = changed.mutate(cases.get(notification.originator_id))
            cases[notification.originator_id] = case
        done += len(page)
        start = page[-1].id + 1
    return done / (perf_counter() - started)


if __name__ == "__main__":
    print({"commands": commands, "replay": replay}[sys.argv[1]](int(sys.argv[2])))
