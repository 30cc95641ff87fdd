"""Who may see what: rows by clinic, keys of machines, and the feed's subscribers."""

from alembic import op

revision = "0004"
down_revision = "0003"

CLINIC = "nullif(current_setting('ledger.clinic', true), '')"
BOOKS = "string_to_array(current_setting('ledger.books', true), ',')"

# What row-level security is for. Whatever other role is granted a table sees all of it.
NOT_A_CLINIC = "current_user <> 'caseledger_clinic'"


def upgrade() -> None:
    """A role that sees one clinic's rows, and the tables of keys, cursors and webhooks."""
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE caseledger_clinic NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )
    # The application's sessions work as this role for as long as they serve a clinic.
    _unless_done(
        "pg_has_role('caseledger_app', 'caseledger_clinic', 'MEMBER')",
        "GRANT caseledger_clinic TO caseledger_app",
    )
    # COPY refuses a table with row-level security, unless the role is exempt from it. Where the
    # owner may not give that exemption, the log is written by INSERT (ledger/log/append.py).
    _unless_done(
        "(SELECT rolbypassrls FROM pg_roles WHERE rolname = 'caseledger_app')",
        "ALTER ROLE caseledger_app BYPASSRLS",
    )
    # The first event of a stream says whose it is; refusals are kept beside the case that they are
    # about. With the owner's rights: the question must not
    # be answered through the policy that asks it.
    op.execute(
        """
        CREATE FUNCTION ledger.clinic_of(wanted_book text, wanted_stream uuid) RETURNS text
        LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog AS $$
            SELECT CASE WHEN first.type LIKE 'command_refused.%' THEN
                (SELECT payload::json ->> 'creditor' FROM ledger.events
                 WHERE book = wanted_book AND stream = (first.payload::json ->> 'case')::uuid
                 ORDER BY version LIMIT 1)
            ELSE coalesce(first.payload::json ->> 'creditor', first.payload::json ->> 'clinic') END
            FROM ledger.events AS first WHERE book = wanted_book AND stream = wanted_stream
            ORDER BY version LIMIT 1
        $$
        """
    )
    # A reader who wants no writer at the head takes a lock for which a clinic has no right.
    op.execute(
        """
        CREATE FUNCTION ledger.settled(
            wanted_book text, OUT recorded_at timestamptz, OUT clock timestamptz
        ) RETURNS SETOF record
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
        BEGIN
            FOR recorded_at IN
                SELECT head.recorded_at FROM ledger.book_head AS head
                WHERE head.book = wanted_book FOR SHARE
            LOOP
                clock := clock_timestamp();
                RETURN NEXT;
            END LOOP;
        END $$
        """
    )
    for function in ("clinic_of(text, uuid)", "settled(text)"):
        op.execute(f"REVOKE ALL ON FUNCTION ledger.{function} FROM PUBLIC")
        op.execute(
            f"GRANT EXECUTE ON FUNCTION ledger.{function} TO caseledger_app, caseledger_clinic"
        )
    op.execute("GRANT USAGE ON SCHEMA ledger, projections TO caseledger_clinic")
    op.execute("GRANT SELECT ON ledger.schema_version TO caseledger_clinic")
    own_book = f"book = ANY ((SELECT {BOOKS})::text[])"
    own_stream = f"{own_book} AND ledger.clinic_of(book, stream) = (SELECT {CLINIC})"
    for table, own in (
        ("books", own_book),
        ("book_head", own_book),
        ("events", own_stream),
        ("names", own_stream),
    ):
        op.execute(f"ALTER TABLE ledger.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY clinic ON ledger.{table} TO caseledger_clinic USING ({own})")
        op.execute(f"CREATE POLICY others ON ledger.{table} USING ({NOT_A_CLINIC})")
        op.execute(f"GRANT SELECT ON ledger.{table} TO caseledger_clinic")
    op.execute(
        """
        CREATE TABLE ledger.api_keys (
            book text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            name text NOT NULL,
            role text COLLATE "C" NOT NULL,
            clinic text COLLATE "C",
            operations text[] NOT NULL,
            secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            expires_at timestamptz NOT NULL,
            last_used_at timestamptz,
            revoked_at timestamptz,
            CONSTRAINT api_keys_clinic CHECK ((role = 'clinic') = (clinic IS NOT NULL)),
            CONSTRAINT api_keys_pkey PRIMARY KEY (book, key)
        )
        """
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON ledger.api_keys"
        " TO caseledger_app"
    )
    op.execute(
        """
        CREATE TABLE ledger.cursor_keys (
            book text COLLATE "C" NOT NULL,
            secret bytea NOT NULL CHECK (length(secret) = 32),
            CONSTRAINT cursor_keys_pkey PRIMARY KEY (book)
        )
        """
    )
    op.execute("GRANT SELECT, INSERT ON ledger.cursor_keys TO caseledger_app")
    op.execute(
        """
        CREATE TABLE ledger.webhooks (
            book text COLLATE "C" NOT NULL,
            webhook uuid NOT NULL,
            url text NOT NULL,
            secret text NOT NULL,
            types text[] NOT NULL,
            clinic text COLLATE "C",
            position bigint NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            created_by text COLLATE "C" NOT NULL,
            ended_at timestamptz,
            CONSTRAINT webhooks_pkey PRIMARY KEY (book, webhook)
        )
        """
    )
    # What was not delivered at the first attempt; delivered since, it is deleted.
    op.execute(
        """
        CREATE TABLE ledger.webhook_failures (
            book text COLLATE "C" NOT NULL,
            webhook uuid NOT NULL,
            position bigint NOT NULL,
            attempts integer NOT NULL,
            failed_at timestamptz NOT NULL,
            next_attempt_at timestamptz,
            status integer,
            error text NOT NULL,
            CONSTRAINT webhook_failures_pkey PRIMARY KEY (book, webhook, position)
        )
        """
    )
    op.execute(
        "CREATE INDEX webhook_failures_next ON ledger.webhook_failures (book, next_attempt_at)"
        " WHERE next_attempt_at IS NOT NULL"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (position, ended_at) ON ledger.webhooks TO caseledger_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.webhook_failures TO caseledger_app")


def _unless_done(done: str, statement: str) -> None:
    """Change what all databases of the server share, where it is possible and needed."""
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT {done} THEN {statement}; END IF;
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'left undone, for want of rights: {statement}';
            WHEN unique_violation OR internal_error THEN NULL; -- by another database
        END $$
        """
    )
