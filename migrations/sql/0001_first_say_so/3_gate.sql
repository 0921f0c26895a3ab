-- The gate. A delivery that is ready or beyond needs a grant for the same intent and digest, and a grant needs a say-so.

CREATE TABLE approval (
    id uuid CONSTRAINT pk_approval PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    action text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT ck_approval_state
        CHECK (state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired', 'superseded')),
    digest bytea NOT NULL CONSTRAINT ck_approval_digest CHECK (length(digest) = 32),
    summary text,
    thread_id text,
    agent_id text,
    asked_by_kind text NOT NULL,
    asked_by_id uuid,
    asked_by_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    decided_by_name text,
    decided_via text,
    decided_from text,
    reason text,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, decided_by) REFERENCES person (workspace_id, id),
    CONSTRAINT ck_approval_decided CHECK (state NOT IN ('approved', 'rejected') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL))
);
CREATE INDEX ix_approval_pending ON approval (workspace_id, expires_at) WHERE state = 'pending';
CREATE INDEX ix_approval_workspace_id_created_at ON approval (workspace_id, created_at DESC);

CREATE TABLE approval_item (
    approval_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    position integer NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT pk_approval_item PRIMARY KEY (approval_id, intent_id),
    UNIQUE (approval_id, intent_id, digest),
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest)
);
CREATE INDEX ix_approval_item_intent_id ON approval_item (intent_id);

CREATE TABLE link (
    id uuid CONSTRAINT pk_link PRIMARY KEY,
    workspace_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    person_id uuid NOT NULL,
    digest bytea NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    code_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_link_tries CHECK (tries BETWEEN 0 AND 5),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
CREATE INDEX ix_link_approval_id ON link (approval_id);

-- "grant" is a reserved word; the table of grants is therefore in the plural.
CREATE TABLE grants (
    id uuid CONSTRAINT pk_grants PRIMARY KEY,
    workspace_id uuid NOT NULL,
    intent_id uuid NOT NULL UNIQUE,
    digest bytea NOT NULL,
    source text NOT NULL CONSTRAINT ck_grants_source CHECK (source IN ('approval', 'system')),
    approval_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, intent_id, digest),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (approval_id, intent_id, digest) REFERENCES approval_item (approval_id, intent_id, digest),
    CONSTRAINT ck_grants_approval CHECK ((source = 'approval') = (approval_id IS NOT NULL))
);

-- Every name is qualified and pg_temp comes last: a temporary table called approval must not answer for the real one.
CREATE FUNCTION grant_needs_say_so() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.source = 'approval' AND NOT EXISTS (
        SELECT FROM public.approval a WHERE a.id = NEW.approval_id AND a.workspace_id = NEW.workspace_id AND a.state = 'approved'
    ) THEN
        RAISE EXCEPTION 'no approved approval stands behind this grant'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_needs_say_so';
    END IF;
    -- System mail needs no approval, so it may go to the workspace's own people and to nobody else.
    IF NEW.source = 'system' AND NOT EXISTS (
        SELECT FROM public.intent i
        JOIN public.content c ON c.intent_id = i.id
        JOIN public.person p ON p.workspace_id = i.workspace_id AND p.email = c.recipient
        WHERE i.id = NEW.intent_id AND i.workspace_id = NEW.workspace_id AND i.kind = 'notice'
    ) THEN
        RAISE EXCEPTION 'only a notice to a person of the workspace goes without approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_needs_say_so';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grant_needs_say_so BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION grant_needs_say_so();

CREATE TABLE delivery (
    intent_id uuid CONSTRAINT pk_delivery PRIMARY KEY,
    workspace_id uuid NOT NULL,
    digest bytea NOT NULL,
    grant_id uuid,
    state text NOT NULL CONSTRAINT ck_delivery_state CHECK (state IN (
        'held', 'ready', 'blocked', 'calling', 'in_doubt', 'sent', 'delivered', 'undelivered',
        'failed', 'rejected', 'cancelled', 'expired', 'suppressed')),
    lane text NOT NULL REFERENCES lane,
    priority smallint NOT NULL,
    due_at timestamptz NOT NULL,
    order_key text,
    attempt integer NOT NULL DEFAULT 0,
    tries smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    owner uuid,
    wait_reason text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (grant_id, intent_id, digest) REFERENCES grants (id, intent_id, digest),
    CONSTRAINT ck_delivery_needs_grant CHECK (
        grant_id IS NOT NULL OR state IN ('held', 'rejected', 'cancelled', 'expired', 'suppressed')),
    CONSTRAINT ck_delivery_leased CHECK ((state = 'calling') = (lease_until IS NOT NULL AND owner IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX ix_delivery_ready ON delivery (lane, priority, workspace_id, due_at, intent_id) WHERE state = 'ready';
CREATE INDEX ix_delivery_due ON delivery (lane, due_at) WHERE state = 'ready';
CREATE INDEX ix_delivery_blocked ON delivery (lane, order_key, intent_id) WHERE state = 'blocked';
CREATE UNIQUE INDEX uq_delivery_head ON delivery (lane, order_key) WHERE order_key IS NOT NULL AND state IN ('ready', 'calling', 'in_doubt');
CREATE INDEX ix_delivery_calling ON delivery (lease_until) WHERE state = 'calling';
CREATE INDEX ix_delivery_in_doubt ON delivery (due_at) WHERE state = 'in_doubt';
-- What is over leaves the hot table after a while; the gate's constraints go along.
CREATE TABLE delivery_done (
    LIKE delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT pk_delivery_done PRIMARY KEY (intent_id),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (grant_id, intent_id, digest) REFERENCES grants (id, intent_id, digest)
);
CREATE VIEW every_delivery WITH (security_invoker = true) AS SELECT * FROM delivery UNION ALL SELECT * FROM delivery_done;
CREATE INDEX ix_delivery_settled ON delivery (changed_at) WHERE state IN
    ('sent', 'delivered', 'undelivered', 'rejected', 'cancelled', 'expired', 'suppressed');
CREATE INDEX ix_delivery_waiting ON delivery (workspace_id, due_at) WHERE state IN ('held', 'ready', 'blocked');
CREATE INDEX ix_delivery_failed ON delivery (workspace_id, changed_at DESC) WHERE state = 'failed';

-- For operators, who look after lanes that several workspaces share: how much waits, and since when; never whose it is.
CREATE FUNCTION lane_load() RETURNS TABLE (lane text, waiting bigint, oldest_due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.lane, count(*), min(d.due_at) FROM public.delivery d WHERE d.state IN ('ready', 'blocked') GROUP BY d.lane
$$;
