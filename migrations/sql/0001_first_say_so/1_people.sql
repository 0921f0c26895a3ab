-- Who is here: workspaces, people, and their credentials, each stored as a hash only.

-- Whether this server knows a time zone by that name. What it does not know it must never be asked for: the question would fail, and with it
-- whatever else the statement is about.
CREATE FUNCTION is_zone(name text) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM now() AT TIME ZONE name;
    RETURN true;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END $$;

CREATE TABLE workspace (
    id uuid CONSTRAINT pk_workspace PRIMARY KEY,
    name text NOT NULL,
    zone text NOT NULL DEFAULT 'UTC' CONSTRAINT ck_workspace_zone CHECK (is_zone(zone)),
    country text,
    industry text,
    plan text NOT NULL DEFAULT 'self_hosted',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE person (
    id uuid CONSTRAINT pk_person PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    email text NOT NULL,
    phone text,
    name text NOT NULL,
    role text NOT NULL CONSTRAINT ck_person_role CHECK (role IN ('owner', 'manager', 'staff')),
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    UNIQUE (workspace_id, id)
);
-- Whoever left may be added again, as somebody new.
CREATE UNIQUE INDEX uq_person_email ON person (workspace_id, lower(email)) WHERE ended_at IS NULL;

-- Whom a person lets decide in their place, until when. Whoever decides for somebody cannot pass that on.
CREATE TABLE delegation (
    id uuid CONSTRAINT pk_delegation PRIMARY KEY,
    workspace_id uuid NOT NULL,
    from_person uuid NOT NULL,
    to_person uuid NOT NULL,
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT ck_delegation_two CHECK (from_person <> to_person),
    CONSTRAINT ck_delegation_ends CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '92 days'),
    FOREIGN KEY (workspace_id, from_person) REFERENCES person (workspace_id, id),
    FOREIGN KEY (workspace_id, to_person) REFERENCES person (workspace_id, id)
);
CREATE INDEX ix_delegation_to_person ON delegation (to_person) WHERE revoked_at IS NULL;
-- For whom a person may speak today: each lives, decides, and has not taken it back.
CREATE FUNCTION stands_for(voter uuid) RETURNS TABLE (principal uuid, since timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.id, d.starts_at FROM public.delegation d
    JOIN public.person f ON f.id = d.from_person AND f.role IN ('owner', 'manager') AND f.ended_at IS NULL
    WHERE d.to_person = voter AND d.revoked_at IS NULL AND d.starts_at <= now() AND d.ends_at > now()
$$;

CREATE TABLE api_key (
    id uuid CONSTRAINT pk_api_key PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    last_four text NOT NULL,
    scopes text[] NOT NULL CONSTRAINT ck_api_key_scopes CHECK (NOT 'operate' = ANY (scopes)),
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    old_hash bytea UNIQUE,
    old_until timestamptz,
    UNIQUE (workspace_id, id),
    CONSTRAINT ck_api_key_old CHECK ((old_hash IS NULL) = (old_until IS NULL)),
    FOREIGN KEY (workspace_id, created_by) REFERENCES person (workspace_id, id)
);

CREATE FUNCTION stays_revoked() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a revoked key stays revoked' USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_revoked';
END $$;
CREATE TRIGGER stays_revoked BEFORE UPDATE ON api_key FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION stays_revoked();
-- Its secret is replaced by an owner or a manager who is signed in to the portal; the one before works on for a week at most.
CREATE FUNCTION key_is_replaced() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR NEW.old_hash IS DISTINCT FROM OLD.key_hash OR NEW.key_hash = OLD.key_hash OR NEW.old_until > now() + interval '168 hours'
        OR NOT EXISTS (SELECT FROM public.signed_in() s WHERE s.workspace_id = OLD.workspace_id AND s.role IN ('owner', 'manager')) THEN
        RAISE EXCEPTION 'nobody who may has replaced this key' USING ERRCODE = 'check_violation', CONSTRAINT = 'key_is_replaced';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER key_is_replaced BEFORE UPDATE OF key_hash, last_four, old_hash, old_until ON api_key FOR EACH ROW EXECUTE FUNCTION key_is_replaced();
COMMENT ON COLUMN api_key.old_hash IS 'of the secret before this one, which opens until old_until';
COMMENT ON COLUMN api_key.scopes IS 'never operate: settling doubts and pausing are for people';

CREATE TABLE login_link (
    id uuid CONSTRAINT pk_login_link PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);

CREATE TABLE portal_session (
    id uuid CONSTRAINT pk_portal_session PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    via text NOT NULL DEFAULT 'portal' CONSTRAINT ck_portal_session_via CHECK (via IN ('portal', 'terminal')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);

-- A terminal that a person let in. Written only when the person confirms; before that a login is a signed value and no row.
CREATE TABLE terminal_login (
    id uuid CONSTRAINT pk_terminal_login PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_terminal_login_tries CHECK (tries BETWEEN 0 AND 5),
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
