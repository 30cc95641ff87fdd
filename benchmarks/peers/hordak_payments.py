"""django-hordak posting the same payment: two legs, one commit each. Prints how many a second.

hordak_payments.py N     on the database that BENCH_URL names, in a schema of its own
"""

import os
import sys
from time import perf_counter
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings


def configure() -> None:
    url = urlsplit(os.environ["BENCH_URL"])
    query = parse_qs(url.query)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path.lstrip("/"),
                "USER": url.username,
                "PASSWORD": unquote(url.password or ""),
                "HOST": url.hostname or query["host"][0],
                "PORT": url.port or query["port"][0],
                "OPTIONS": {"options": "-c search_path=hordak_bench,public"},
            }
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="benchmark",
        DEFAULT_CURRENCY="NOK",
        CURRENCIES=["NOK"],
        HORDAK_DEFAULT_CURRENCY="NOK",
    )
    django.setup()


def main(count: int) -> float:
    from django.core.management import call_command
    from django.db import connection, transaction
    from hordak.models import Account, AccountType, Leg, Transaction
    from moneyed import Money

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS hordak_bench")
    call_command("migrate", verbosity=0)
    bank, _ = Account.objects.get_or_create(
        name="Client funds", code="1", type=AccountType.asset, currencies=["NOK"]
    )
    claims, _ = Account.objects.get_or_create(
        name="Claims", code="2", type=AccountType.asset, currencies=["NOK"]
    )
    started = perf_counter()
    for number in range(count):
        with transaction.atomic():
            posted = Transaction.objects.create(description=f"bank-{number}")
            Leg.objects.create(transaction=posted, account=bank, debit=Money(1, "NOK"))
            Leg.objects.create(transaction=posted, account=claims, credit=Money(1, "NOK"))
    return count / (perf_counter() - started)


if __name__ == "__main__":
    configure()
    print(main(int(sys.argv[1])))
