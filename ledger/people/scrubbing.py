"""Getting rid of the bytes: a deleted row stays on its page until the table is written anew."""

from sqlalchemy import Engine

from ledger.people.schema import ERASABLE, SCHEMA


def scrub(owner: Engine) -> None:
    """Write the vault's tables anew without what was deleted, and move on in the write-ahead log.

    Works as the tables' owner, and locks each of them while it is being written. Segments of the
    write-ahead log go at the server's own pace: they hold nothing but what is sealed under keys
    that are gone, and those keys sealed under the key-encryption key; once that has been rotated
    and forgotten, neither they nor any backup can be read.
    """
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in ERASABLE:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {SCHEMA}.{table}")
        connection.exec_driver_sql("CHECKPOINT")
