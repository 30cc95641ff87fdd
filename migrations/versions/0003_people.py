"""The vault: subjects, their keys and what is sealed under them, who read it, what was erased."""

from alembic import op

revision = "0003"
down_revision = "0002"

RETENTIONS = "('contact', 'notes', 'third_parties', 'identity')"


def upgrade() -> None:
    """Tables, the triggers of what is append-only here too, and the vault's own role."""
    op.execute(
        """
        DO $$ BEGIN
            CREATE ROLE caseledger_people NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )
    op.execute("GRANT caseledger_people TO CURRENT_USER")
    op.execute("CREATE SCHEMA people")
    subject = 'book text COLLATE "C" NOT NULL, subject uuid NOT NULL'
    op.execute(
        f"""
        CREATE TABLE people.subjects (
            {subject},
            registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            registered_by text COLLATE "C" NOT NULL,
            erased_at timestamptz,
            kept_until date,
            CONSTRAINT subjects_pkey PRIMARY KEY (book, subject)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.data_keys (
            {subject},
            retention text COLLATE "C" NOT NULL CHECK (retention IN {RETENTIONS}),
            generation text COLLATE "C" NOT NULL,
            sealed bytea NOT NULL,
            CONSTRAINT data_keys_pkey PRIMARY KEY (book, subject, retention)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.fields (
            {subject},
            field text COLLATE "C" NOT NULL,
            retention text COLLATE "C" NOT NULL CHECK (retention IN {RETENTIONS}),
            version integer NOT NULL CHECK (version > 0),
            sealed bytea NOT NULL,
            CONSTRAINT fields_pkey PRIMARY KEY (book, subject, field)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.notes (
            {subject},
            note uuid NOT NULL,
            written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            written_by text COLLATE "C" NOT NULL,
            sealed bytea NOT NULL,
            CONSTRAINT notes_pkey PRIMARY KEY (book, subject, note)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.authorisations (
            {subject},
            authorisation uuid NOT NULL,
            revoked_at timestamptz,
            sealed bytea NOT NULL,
            CONSTRAINT authorisations_pkey PRIMARY KEY (book, subject, authorisation)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.search_keys (
            book text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            digest bytea NOT NULL CHECK (length(digest) = 32),
            subject uuid NOT NULL,
            retention text COLLATE "C" NOT NULL CHECK (retention IN {RETENTIONS}),
            CONSTRAINT search_keys_pkey PRIMARY KEY (book, kind, digest, subject)
        )
        """
    )
    op.execute("CREATE INDEX search_keys_subject ON people.search_keys (book, subject)")
    op.execute(
        """
        CREATE TABLE people.book_keys (
            book text COLLATE "C" NOT NULL,
            generation text COLLATE "C" NOT NULL,
            sealed bytea NOT NULL,
            CONSTRAINT book_keys_pkey PRIMARY KEY (book)
        )
        """
    )
    op.execute(
        f"""
        CREATE TABLE people.legal_holds (
            {subject},
            hold uuid NOT NULL,
            reason text COLLATE "C" NOT NULL,
            placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            placed_by text COLLATE "C" NOT NULL,
            released_at timestamptz,
            released_by text COLLATE "C",
            CONSTRAINT legal_holds_pkey PRIMARY KEY (book, subject, hold)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE people.reads (
            book text COLLATE "C" NOT NULL,
            read uuid NOT NULL,
            subject uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            actor text COLLATE "C" NOT NULL,
            purpose text COLLATE "C" NOT NULL,
            what text[] NOT NULL,
            refused text COLLATE "C",
            CONSTRAINT reads_pkey PRIMARY KEY (book, read)
        )
        """
    )
    op.execute("CREATE INDEX reads_subject ON people.reads (book, subject, at)")
    op.execute(
        """
        CREATE TABLE people.erasures (
            book text COLLATE "C" NOT NULL,
            erasure uuid NOT NULL,
            subject uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            actor text COLLATE "C" NOT NULL,
            legal_basis text COLLATE "C" NOT NULL,
            retentions text[] NOT NULL,
            kept_until date,
            CONSTRAINT erasures_pkey PRIMARY KEY (book, erasure)
        )
        """
    )
    op.execute("CREATE INDEX erasures_subject ON people.erasures (book, subject)")
    # No samples of what may have to go: they would stay in the catalogue after it has gone.
    for table in ("data_keys", "fields", "notes", "authorisations", "book_keys"):
        op.execute(f"ALTER TABLE people.{table} ALTER sealed SET STATISTICS 0")
    op.execute("ALTER TABLE people.search_keys ALTER digest SET STATISTICS 0")
    op.execute("GRANT USAGE ON SCHEMA people TO caseledger_app, caseledger_people")
    # What data the law wants gone may be changed and deleted; a subject itself may not, so that
    # its id is never given to anybody else and every view can say "erased subject".
    for table in ("data_keys", "fields", "notes", "authorisations", "search_keys"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON people.{table} TO caseledger_people")
    op.execute("GRANT SELECT, INSERT, UPDATE ON people.book_keys TO caseledger_people")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (erased_at, kept_until) ON people.subjects"
        " TO caseledger_people"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (released_at, released_by) ON people.legal_holds"
        " TO caseledger_people"
    )
    op.execute(
        "GRANT SELECT (book, subject, erased_at, kept_until) ON people.subjects TO caseledger_app"
    )
    op.execute(
        """
        CREATE FUNCTION people.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'people.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in ("reads", "erasures"):
        op.execute(
            f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON people.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION people.refuse_change()
            """
        )
        op.execute(f"ALTER TABLE people.{table} ENABLE ALWAYS TRIGGER append_only")
        op.execute(f"GRANT SELECT, INSERT ON people.{table} TO caseledger_people")
