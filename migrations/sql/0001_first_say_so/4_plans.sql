-- What a business has used up of its plan, where no other row says so; a row a month.

CREATE TABLE plan_use (
    workspace_id uuid NOT NULL REFERENCES workspace,
    quota text NOT NULL,
    month date NOT NULL,
    used integer NOT NULL CONSTRAINT ck_plan_use_used CHECK (used >= 0),
    CONSTRAINT pk_plan_use PRIMARY KEY (workspace_id, quota, month)
);

-- What a business pays for its plan, as the provider has it; `asked` is the number of the question whose answer this is.
CREATE TABLE subscription (
    id uuid CONSTRAINT pk_subscription PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    provider_ref text NOT NULL,
    customer_ref text NOT NULL,
    plan text,
    state text NOT NULL CONSTRAINT ck_subscription_state CHECK (state IN (
        'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')),
    period_from timestamptz,
    asked bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_ref)
);
COMMENT ON COLUMN subscription.plan IS 'what its price stands for; null for a price that nobody here knows';
CREATE INDEX ix_subscription_workspace_id ON subscription (workspace_id);
CREATE INDEX ix_subscription_past_due ON subscription (period_from) WHERE state = 'past_due';

-- A page on which a plan can be paid was made ready at the provider.
CREATE TABLE plan_page (
    intent_id uuid CONSTRAINT pk_plan_page PRIMARY KEY,
    workspace_id uuid NOT NULL,
    plan text NOT NULL,
    cycle text NOT NULL CONSTRAINT ck_plan_page_cycle CHECK (cycle IN ('monthly', 'yearly')),
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_plan_page_workspace_id ON plan_page (workspace_id, created_at);

-- What needs no approval because it reaches nobody: a page on which this business pays for its own plan, the provider's page about what it
-- pays, for a customer of the provider that is this business, and what the sandbox pretends of either.
CREATE FUNCTION is_about_own_plan(asked uuid, whose uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.intent i
        JOIN public.content c ON c.intent_id = i.id AND NOT c.sealed AND sha256(c.snapshot) = i.digest
            AND c.recipient = 'org_' || replace(i.workspace_id::text, '-', '')
        CROSS JOIN LATERAL (SELECT convert_from(c.snapshot, 'UTF8')::json->'content' AS said) s
        WHERE i.id = asked AND i.workspace_id = whose AND s.said->>'workspace' = c.recipient
          AND (i.kind IN ('plan_upgrade', 'billing_portal') AND i.lane LIKE 'payments:%' OR i.kind = 'pretend_subscription' AND i.lane = 'payments:sandbox')
          AND (i.kind <> 'billing_portal' AND s.said->>'customer' = '' OR EXISTS (
              SELECT FROM public.subscription u WHERE u.workspace_id = whose AND u.customer_ref = s.said->>'customer')))
$$;
