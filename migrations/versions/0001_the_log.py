"""The log: books, their heads, events, commands, names, and what consumers have read."""

from alembic import op

revision = "0001"
down_revision = None

BOOK = "text COLLATE \"C\" NOT NULL CHECK (book ~ '^[a-z0-9][a-z0-9-]{0,62}$')"


def upgrade() -> None:
    """Tables, the triggers that keep them append-only, and the application's rights."""
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE caseledger_app NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )
    op.execute("GRANT caseledger_app TO CURRENT_USER")
    op.execute(
        f"""
        CREATE TABLE ledger.books (
            book {BOOK} PRIMARY KEY,
            currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
    # One narrow row a book, rewritten by each commit: room on its page and no index but the
    # key make every update a HOT update, and the page is pruned as it is used.
    op.execute(
        f"""
        CREATE TABLE ledger.book_head (
            book {BOOK} PRIMARY KEY,
            position bigint NOT NULL CHECK (position >= 0),
            recorded_at timestamptz NOT NULL,
            frontier bytea NOT NULL,
            root bytea NOT NULL CHECK (length(root) = 32)
        ) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)
        """
    )
    op.execute("ALTER TABLE ledger.book_head ALTER frontier SET STORAGE MAIN")
    op.execute(
        """
        CREATE TABLE ledger.events (
            book text COLLATE "C" NOT NULL,
            position bigint NOT NULL CHECK (position > 0),
            stream uuid NOT NULL,
            version integer NOT NULL CHECK (version >= 0),
            type text COLLATE "C" NOT NULL,
            recorded_at timestamptz NOT NULL,
            actor text COLLATE "C" NOT NULL,
            channel text COLLATE "C" NOT NULL,
            command_id uuid NOT NULL,
            payload text NOT NULL,
            -- A line feed separates the fields of a leaf. (A regular expression for what may
            -- stand in a label was measured to cost ten times what the insert does.)
            CONSTRAINT events_one_line CHECK (strpos(type || actor || channel, E'\\n') = 0),
            CONSTRAINT events_pkey PRIMARY KEY (book, position),
            CONSTRAINT events_stream_version_key UNIQUE (book, stream, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ledger.commands (
            book text COLLATE "C" NOT NULL,
            command_id uuid NOT NULL,
            content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
            stream uuid NOT NULL,
            first_position bigint NOT NULL,
            last_position bigint NOT NULL CHECK (last_position >= first_position),
            CONSTRAINT commands_pkey PRIMARY KEY (book, command_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ledger.names (
            book text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            stream uuid NOT NULL,
            CONSTRAINT names_pkey PRIMARY KEY (book, kind, name)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ledger.tracking (
            book text COLLATE "C" NOT NULL,
            consumer text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            CONSTRAINT tracking_pkey PRIMARY KEY (book, consumer)
        ) WITH (fillfactor = 50)
        """
    )
    op.execute(
        """
        CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'ledger.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Correct a mistake by a further event that names the wrong one.';
        END $$
        """
    )
    for table in ("books", "events", "commands", "names"):
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()
            """
        )
        op.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only")
        op.execute(f"GRANT SELECT, INSERT ON ledger.{table} TO caseledger_app")
    op.execute(
        """
        CREATE FUNCTION ledger.refuse_step_back() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.book <> OLD.book OR NEW.position <= OLD.position
               OR NEW.recorded_at < OLD.recorded_at THEN
                RAISE EXCEPTION 'the head of book % only moves on', OLD.book
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER only_forward BEFORE UPDATE ON ledger.book_head
        FOR EACH ROW EXECUTE FUNCTION ledger.refuse_step_back()
        """
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON ledger.book_head
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()
        """
    )
    for trigger in ("only_forward", "append_only"):
        op.execute(f"ALTER TABLE ledger.book_head ENABLE ALWAYS TRIGGER {trigger}")
    op.execute("GRANT USAGE ON SCHEMA ledger TO caseledger_app")
    op.execute("GRANT SELECT ON ledger.schema_version TO caseledger_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (position, recorded_at, frontier, root)"
        " ON ledger.book_head TO caseledger_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ledger.tracking TO caseledger_app")
    op.execute("CREATE SCHEMA projections AUTHORIZATION caseledger_app")
