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

-- A person's say-so for the same words on many days. Never changed but to be revoked, and that for good.
CREATE TABLE standing (
    id uuid CONSTRAINT pk_standing PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    action text NOT NULL,
    kind text NOT NULL CONSTRAINT ck_standing_kind CHECK (kind <> 'refund'),
    lane text NOT NULL,
    words jsonb NOT NULL,
    recipient text,
    rule_id uuid,
    per_day integer NOT NULL CONSTRAINT ck_standing_per_day CHECK (per_day BETWEEN 1 AND 10000),
    from_approval uuid,
    made_by uuid NOT NULL,
    made_by_name text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_by_name text,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, made_by) REFERENCES person (workspace_id, id),
    FOREIGN KEY (workspace_id, rule_id) REFERENCES reminder_rule (workspace_id, id),
    FOREIGN KEY (workspace_id, from_approval) REFERENCES approval (workspace_id, id) ON DELETE SET NULL (from_approval),
    CONSTRAINT ck_standing_expires_at CHECK (expires_at <= made_at + interval '366 days'),
    CONSTRAINT ck_standing_revoked CHECK ((revoked_at IS NULL) = (revoked_by_name IS NULL))
);
COMMENT ON COLUMN standing.words IS 'sender and content, but for the recipient: what must be the same each time';
COMMENT ON COLUMN standing.rule_id IS 'the rule whose template it allows, for whoever booked; null: the words as they stand';
COMMENT ON COLUMN standing.recipient IS 'the one address it is for; null: whoever had something approved before, unless the policies say otherwise';
CREATE INDEX ix_standing_workspace_id_action ON standing (workspace_id, action) WHERE revoked_at IS NULL;
CREATE INDEX ix_grants_standing_id ON grants (standing_id, created_at) WHERE standing_id IS NOT NULL;
ALTER TABLE approval ADD FOREIGN KEY (workspace_id, standing_id) REFERENCES standing (workspace_id, id);
ALTER TABLE grants ADD FOREIGN KEY (workspace_id, standing_id) REFERENCES standing (workspace_id, id);

CREATE FUNCTION standing_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a revoked standing approval stays revoked' USING ERRCODE = 'check_violation', CONSTRAINT = 'standing_stays';
END $$;
CREATE TRIGGER standing_stays BEFORE UPDATE ON standing FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION standing_stays();

-- What a standing approval compares: the bytes, but for whom they go to and when.
CREATE FUNCTION words_of(snapshot bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object('sender', s.it -> 'sender', 'content', (s.it -> 'content') - 'to')
    FROM (SELECT convert_from(snapshot, 'UTF8')::jsonb AS it) s
$$;

-- Whether bytes may leave before this day of the business ends: what waits for later would pile up beyond a day's cap, and outlive the say-so.
CREATE FUNCTION leaves_today(place uuid, snapshot bytea) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((convert_from(snapshot, 'UTF8')::jsonb ->> 'notBefore')::timestamptz
        < date_trunc('day', now(), w.zone) + interval '1 day', true) FROM public.workspace w WHERE w.id = place
$$;

-- The standing approval that covers these bytes, or the named one of a rule, locked until commit: whoever revokes it waits, and then finds what was granted under it.
CREATE FUNCTION standing_for(asked_action text, asked_kind text, asked_lane text, asked_snapshot bytea, asked_recipient text, under uuid)
RETURNS TABLE (id uuid, per_day integer, made_by uuid, made_by_name text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.id, s.per_day, s.made_by, s.made_by_name FROM public.standing s
    JOIN public.person p ON p.id = s.made_by AND p.role IN ('owner', 'manager') AND p.ended_at IS NULL
    WHERE s.workspace_id = nullif(current_setting('sayso.workspace', true), '')::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
      AND (s.action, s.kind, s.lane) = (asked_action, asked_kind, asked_lane)
      AND coalesce(s.recipient, asked_recipient) = asked_recipient
      AND CASE WHEN s.rule_id IS NULL THEN s.words = public.words_of(asked_snapshot) ELSE s.id = under END
      AND public.leaves_today(s.workspace_id, asked_snapshot)
    ORDER BY s.recipient NULLS LAST, s.id LIMIT 1 FOR SHARE OF s
$$;

-- Whether a standing approval says so: a living one, of somebody who may decide today, for exactly these words (or what its rule says of a
-- booking today), this lane and this recipient, for a request that no policy asks more for, and within what its day holds; what was granted is counted here again.
CREATE FUNCTION standing_says_so(asked uuid, covering uuid, sent uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.standing s
        JOIN public.person p ON p.id = s.made_by AND p.role IN ('owner', 'manager') AND p.ended_at IS NULL
        JOIN public.approval a ON a.id = covering AND a.workspace_id = s.workspace_id AND a.standing_id = s.id AND a.state = 'approved'
            AND a.action = s.action AND a.decided_by = s.made_by AND a.decided_via = 'standing' AND a.needs = 1 AND a.not_alone IS NULL
        JOIN public.intent i ON i.id = sent AND i.workspace_id = s.workspace_id AND i.digest = a.digest AND (i.kind, i.lane) = (s.kind, s.lane)
        JOIN public.content c ON c.intent_id = i.id AND NOT c.sealed AND sha256(c.snapshot) = i.digest
        JOIN public.budget b ON b.workspace_id = s.workspace_id AND b.policy = 'standing' AND b.subject = s.id::text
            AND b.starts_at = public.business_day(s.workspace_id)
        WHERE s.id = asked AND s.revoked_at IS NULL AND s.expires_at > now()
          AND coalesce(s.recipient, c.recipient) = c.recipient
          AND CASE WHEN s.rule_id IS NULL THEN s.words = public.words_of(c.snapshot) ELSE public.rule_says(s.rule_id, s.words, i.id) END
          AND public.leaves_today(s.workspace_id, c.snapshot) AND b.used <= s.per_day
          AND b.used >= (
              SELECT count(*) FROM public.grants g JOIN public.every_delivery d ON d.intent_id = g.intent_id
              WHERE g.standing_id = s.id AND g.created_at >= b.starts_at AND d.state NOT IN ('rejected', 'cancelled', 'expired', 'suppressed')))
$$;
