-- What people have set of the policies, day by day budgets, and standing approvals.

CREATE TABLE policy_setting (
    id uuid CONSTRAINT pk_policy_setting PRIMARY KEY,
    workspace_id uuid NOT NULL,
    policy text NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    set_by uuid NOT NULL,
    set_by_name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, set_by) REFERENCES person (workspace_id, id)
);
COMMENT ON TABLE policy_setting IS 'never changed: the newest row of a policy counts';
CREATE INDEX ix_policy_setting_workspace_id_policy_id ON policy_setting (workspace_id, policy, id DESC);

-- Whom something was ever approved for.
CREATE INDEX ix_content_recipient ON content (recipient, workspace_id);

-- When today began for a business.
CREATE FUNCTION business_day(place uuid) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT date_trunc('day', now(), w.zone) FROM public.workspace w WHERE w.id = place
$$;

CREATE TABLE budget (
    workspace_id uuid NOT NULL REFERENCES workspace,
    policy text NOT NULL,
    subject text NOT NULL,
    starts_at timestamptz NOT NULL,
    used bigint NOT NULL CONSTRAINT ck_budget_used CHECK (used >= 0),
    CONSTRAINT pk_budget PRIMARY KEY (workspace_id, policy, subject, starts_at)
);
COMMENT ON TABLE budget IS 'what was granted in one day; each row is taken from by one statement that compares and adds at once';

CREATE TABLE reserved (
    intent_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    policy text NOT NULL,
    subject text NOT NULL,
    starts_at timestamptz NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_reserved_amount CHECK (amount >= 0),
    CONSTRAINT pk_reserved PRIMARY KEY (intent_id, policy, subject),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id),
    FOREIGN KEY (workspace_id, policy, subject, starts_at) REFERENCES budget
);
COMMENT ON TABLE reserved IS 'what each send took; given back by the clock once it will certainly not be sent';
CREATE INDEX ix_reserved_starts_at ON reserved (starts_at);
