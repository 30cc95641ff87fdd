"""The tree's nodes, the signed checkpoints, and a role that can only read."""

from alembic import op
from sqlalchemy import Connection, text

from ledger.log.leaf import envelope, microseconds
from ledger.log.merkle import Growth, leaf_hash

revision = "0002"
down_revision = "0001"

FETCH_ROWS = 5_000


def upgrade() -> None:
    """Two append-only tables, the nodes of the books that there are, and the reader's rights."""
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE caseledger_reader NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )
    # Pieces of tiles: what one transaction adds to one of them. Hashes can't be compressed.
    op.execute(
        """
        CREATE TABLE ledger.tree (
            book text COLLATE "C" NOT NULL,
            level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
            tile bigint NOT NULL CHECK (tile >= 0),
            first smallint NOT NULL CHECK (first BETWEEN 0 AND 255),
            hashes bytea NOT NULL,
            CONSTRAINT tree_hashes CHECK (
                length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND (256 - first) * 32
            ),
            CONSTRAINT tree_pkey PRIMARY KEY (book, level, tile, first)
        )
        """
    )
    op.execute("ALTER TABLE ledger.tree ALTER hashes SET STORAGE EXTERNAL")
    op.execute(
        """
        CREATE TABLE ledger.checkpoints (
            book text COLLATE "C" NOT NULL,
            size bigint NOT NULL CHECK (size >= 0),
            made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            note text NOT NULL,
            CONSTRAINT checkpoints_pkey PRIMARY KEY (book, size, made_at)
        )
        """
    )
    _fill(op.get_bind())
    for table in ("tree", "checkpoints"):
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()
            """
        )
        op.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only")
        op.execute(f"GRANT SELECT, INSERT ON ledger.{table} TO caseledger_app")
    op.execute("GRANT USAGE ON SCHEMA ledger, projections TO caseledger_reader")
    for table in (
        "books", "book_head", "events", "commands", "names", "tracking", "tree", "checkpoints",
        "schema_version",
    ):  # fmt: skip
        op.execute(f"GRANT SELECT ON ledger.{table} TO caseledger_reader")
    # The read models are the application's own, and it makes new generations of them.
    op.execute("SET LOCAL ROLE caseledger_app")
    op.execute("GRANT USAGE ON SCHEMA projections TO caseledger_reader")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA projections TO caseledger_reader")
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA projections GRANT SELECT ON TABLES TO caseledger_reader"
    )
    op.execute("RESET ROLE")


def _fill(connection: Connection) -> None:
    """The nodes of what was recorded before. Whether it hashes to its root is for verify to say."""
    for book in connection.execute(text("SELECT book FROM ledger.books")).scalars().all():
        growth = Growth()
        rows = connection.execute(
            text(
                "SELECT position, stream, version, type, recorded_at, actor, channel, command_id,"
                " payload FROM ledger.events WHERE book = :book ORDER BY position"
            ),
            {"book": book},
            execution_options={"yield_per": FETCH_ROWS},
        )
        for page in rows.partitions():
            for position, stream, version, type, at, actor, channel, command, payload in page:
                leaf = envelope(
                    book, position, stream, version, type, microseconds(at), actor, channel,
                    command, payload.encode(),
                )  # fmt: skip
                growth.append(leaf_hash(leaf))
            pieces = [{"book": book, **piece._asdict()} for piece in growth.take()]
            connection.execute(
                text(
                    "INSERT INTO ledger.tree (book, level, tile, first, hashes)"
                    " VALUES (:book, :level, :tile, :first, :hashes)"
                ),
                pieces,
            )
