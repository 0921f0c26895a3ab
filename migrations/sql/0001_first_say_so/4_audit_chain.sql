-- The chain over the audit: one seal for each row, each holding the hash of the one before, so that a later change shows.

CREATE TABLE audit_seal (
    workspace_id uuid NOT NULL REFERENCES workspace,
    position bigint NOT NULL CONSTRAINT ck_audit_seal_position CHECK (position > 0),
    audit_id bigint NOT NULL UNIQUE REFERENCES audit,
    hash bytea NOT NULL CONSTRAINT ck_audit_seal_hash CHECK (length(hash) = 32),
    sealed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_audit_seal PRIMARY KEY (workspace_id, position)
);
COMMENT ON COLUMN audit_seal.hash IS 'SHA-256 of the hash before (32 zero bytes before the first) and the canonical JSON of the row';

-- What waits for its seal. Ids are taken before rows are committed, so no highest sealed id tells what is new; a row here does, exactly.
CREATE TABLE audit_unsealed (
    audit_id bigint CONSTRAINT pk_audit_unsealed PRIMARY KEY,
    workspace_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE FUNCTION audit_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_unsealed SELECT id, workspace_id FROM noted;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_waits AFTER INSERT ON audit REFERENCING NEW TABLE AS noted
    FOR EACH STATEMENT EXECUTE FUNCTION audit_waits();
