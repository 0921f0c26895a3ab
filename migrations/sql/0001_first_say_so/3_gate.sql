-- The gate. A delivery that is ready or beyond needs a grant for the same intent and digest, and a grant needs a say-so.

CREATE TABLE approval (
    id uuid CONSTRAINT pk_approval PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    action text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT ck_approval_state
        CHECK (state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired', 'superseded')),
    digest bytea NOT NULL CONSTRAINT ck_approval_digest CHECK (length(digest) = 32),
    needs smallint NOT NULL DEFAULT 1 CONSTRAINT ck_approval_needs CHECK (needs BETWEEN 1 AND 9),
    not_alone uuid,
    facts jsonb NOT NULL DEFAULT '{}',
    ruling jsonb NOT NULL DEFAULT '{}',
    standing_id uuid,
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
    ended_at timestamptz,
    ended_by_name text,
    supersedes uuid UNIQUE,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, supersedes) REFERENCES approval (workspace_id, id) ON DELETE SET NULL (supersedes),
    FOREIGN KEY (workspace_id, decided_by) REFERENCES person (workspace_id, id),
    FOREIGN KEY (workspace_id, not_alone) REFERENCES person (workspace_id, id),
    CONSTRAINT ck_approval_decided CHECK (state NOT IN ('approved', 'rejected') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT ck_approval_ended CHECK ((state = 'pending') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by_name IS NULL))
);
CREATE FUNCTION ends_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'this request has ended already' USING ERRCODE = 'check_violation', CONSTRAINT = 'ends_once';
END $$;
CREATE TRIGGER ends_once BEFORE UPDATE ON approval FOR EACH ROW
    WHEN (OLD.state <> 'pending' AND NEW.state <> OLD.state) EXECUTE FUNCTION ends_once();
COMMENT ON COLUMN approval.needs IS 'how many people must say yes';
COMMENT ON COLUMN approval.not_alone IS 'the person whose yes needs that of another beside it';
COMMENT ON COLUMN approval.ruling IS 'what each policy said of the facts, by name and version';
COMMENT ON COLUMN approval.supersedes IS 'the request that this one is the edited version of';
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
-- What one decision over many says beside the messages: how many, who is left out and why. Never changed.
CREATE TABLE manifest (
    approval_id uuid CONSTRAINT pk_manifest PRIMARY KEY,
    workspace_id uuid NOT NULL,
    facts bytea NOT NULL,
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id)
);
COMMENT ON COLUMN manifest.facts IS 'canonical JSON (RFC 8785); its SHA-256 stands first under the digest that people vote over';

-- What an approval's digest must be: the digest of its one intent, or SHA-256 over the digests of all, in order; and of a manifest over the
-- SHA-256 of its facts before them, which must name as many as there are.
CREATE FUNCTION covered(asked uuid) RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE
        WHEN m.facts IS NULL AND count(*) = 1 THEN string_agg(i.digest, '')
        WHEN m.facts IS NULL THEN sha256(string_agg(i.digest, '' ORDER BY i.position))
        WHEN (convert_from(m.facts, 'UTF8')::json->>'count')::bigint = count(*)
            THEN sha256(sha256(m.facts) || string_agg(i.digest, '' ORDER BY i.position)) END
    FROM public.approval_item i LEFT JOIN public.manifest m ON m.approval_id = i.approval_id
    WHERE i.approval_id = asked GROUP BY m.facts
$$;

-- Whether a manifest covers some of another's intents, each in its place, and not one more.
CREATE FUNCTION is_part_of(smaller uuid, larger uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.manifest WHERE approval_id = smaller) AND EXISTS (SELECT FROM public.manifest WHERE approval_id = larger)
        AND NOT EXISTS (
            SELECT FROM public.approval_item n WHERE n.approval_id = smaller AND NOT EXISTS (
                SELECT FROM public.approval_item o WHERE o.approval_id = larger AND (o.intent_id, o.position) = (n.intent_id, n.position)))
$$;

ALTER TABLE stop ADD CONSTRAINT fk_stop_approval FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id) ON DELETE CASCADE;

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

-- What one person said about the bytes that this person was shown. Never changed; no is also possible after yes.
CREATE TABLE vote (
    id uuid CONSTRAINT pk_vote PRIMARY KEY,
    workspace_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    person_id uuid NOT NULL,
    person_name text NOT NULL,
    for_person uuid,
    digest bytea NOT NULL CONSTRAINT ck_vote_digest CHECK (length(digest) = 32),
    verdict text NOT NULL CONSTRAINT ck_vote_verdict CHECK (verdict IN ('approved', 'rejected')),
    via text NOT NULL CONSTRAINT ck_vote_via CHECK (via IN ('link', 'portal')),
    credential_id uuid NOT NULL,
    origin text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (approval_id, person_id, verdict),
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id),
    FOREIGN KEY (workspace_id, for_person) REFERENCES person (workspace_id, id),
    CONSTRAINT ck_vote_for_person CHECK (for_person <> person_id)
);
COMMENT ON COLUMN vote.for_person IS 'in whose place, where the voter may not decide themselves'; COMMENT ON COLUMN vote.credential_id IS 'the link or the portal session by which the person came, as via says';

-- Whose living secret this transaction presented: the portal session, or the link to this very approval with a counted try, that
-- sayso.credential is the hash of; and only while that person may decide. An agent's key is neither, so no call of an agent can vote.
-- A link also speaks for the edited version of its approval, in the transaction that edits: that ends the link.
-- Whoever may not decide themselves speaks for one of those who let them, first for one whose word is still missing.
CREATE FUNCTION human(asked uuid) RETURNS TABLE (person_id uuid, via text, credential_id uuid, for_person uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, came.via, came.id, o.principal FROM (
        SELECT s.id, s.person_id, s.via FROM public.portal_session s
        WHERE s.token_hash = decode(current_setting('sayso.credential', true), 'hex')
          AND s.via = 'portal' AND s.ended_at IS NULL AND s.expires_at > now()
        UNION ALL
        SELECT l.id, l.person_id, 'link' FROM public.link l
        WHERE l.token_hash = decode(current_setting('sayso.credential', true), 'hex')
          AND (l.approval_id = asked OR l.approval_id = (SELECT a.supersedes FROM public.approval a WHERE a.id = asked)) AND l.ended_at IS NULL AND l.expires_at > now() AND l.tries > 0
    ) came JOIN public.person p ON p.id = came.person_id AND p.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT s.principal FROM public.stands_for(p.id) s
        ORDER BY EXISTS (SELECT FROM public.vote v WHERE v.approval_id = asked AND s.principal IN (v.person_id, v.for_person)), s.since, s.principal LIMIT 1
    ) o ON p.role NOT IN ('owner', 'manager')
    WHERE p.role IN ('owner', 'manager') OR o.principal IS NOT NULL
$$;

-- Whether enough people said yes, and nobody no. Only votes over the approval's own digest count, of people who may decide today or who
-- still stand in for one who may; each voter once, and each in whose name it was once: two words take two people on both sides.
CREATE FUNCTION has_votes(asked uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT least(count(DISTINCT v.person_id) FILTER (WHERE v.verdict = 'approved'),
                 count(DISTINCT coalesce(v.for_person, v.person_id)) FILTER (WHERE v.verdict = 'approved')) >= a.needs
        AND bool_and(v.verdict = 'approved')
        AND (a.not_alone IS NULL OR bool_or(v.person_id <> a.not_alone AND v.for_person IS DISTINCT FROM a.not_alone))
    FROM public.approval a
    JOIN public.vote v ON v.approval_id = a.id AND v.digest = a.digest
    JOIN public.person p ON p.id = v.person_id AND p.ended_at IS NULL AND CASE WHEN v.for_person IS NULL THEN p.role IN ('owner', 'manager')
        ELSE EXISTS (SELECT FROM public.stands_for(p.id) s WHERE s.principal = v.for_person) END
    WHERE a.id = asked GROUP BY a.needs, a.not_alone
$$;

-- By which kind and lane, and to whom, an approval's sends go.
CREATE FUNCTION addressed(asked uuid) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT array_agg(concat_ws(' ', i.kind, i.lane, c.recipient) ORDER BY m.position)
    FROM public.approval_item m JOIN public.intent i ON i.id = m.intent_id JOIN public.content c ON c.intent_id = i.id
    WHERE m.approval_id = asked
$$;

-- Whether an approval is nobody's edited version, or stands rightly in the other's place: that one has ended, so that only one of both can
-- be sent, and only words differ, or a manifest has fewer rows; who asked, whom it goes to and how many people must say yes stay as they were.
CREATE FUNCTION stands_in(asked uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.supersedes IS NULL OR EXISTS (
        SELECT FROM public.approval o
        WHERE o.id = a.supersedes AND o.state = 'superseded' AND a.needs >= o.needs
          AND (public.is_part_of(a.id, o.id) OR public.addressed(a.id) = public.addressed(o.id))
          AND (a.workspace_id, a.action, a.asked_by_id, a.not_alone) IS NOT DISTINCT FROM (o.workspace_id, o.action, o.asked_by_id, o.not_alone))
    FROM public.approval a WHERE a.id = asked
$$;

-- "grant" is a reserved word; the table of grants is therefore in the plural.
CREATE TABLE grants (
    id uuid CONSTRAINT pk_grants PRIMARY KEY,
    workspace_id uuid NOT NULL,
    intent_id uuid NOT NULL UNIQUE,
    digest bytea NOT NULL,
    source text NOT NULL CONSTRAINT ck_grants_source CHECK (source IN ('approval', 'standing', 'system')),
    approval_id uuid,
    standing_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, intent_id, digest),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (approval_id, intent_id, digest) REFERENCES approval_item (approval_id, intent_id, digest),
    CONSTRAINT ck_grants_approval CHECK ((source = 'system') = (approval_id IS NULL)),
    CONSTRAINT ck_grants_standing CHECK ((source = 'standing') = (standing_id IS NOT NULL))
);

-- Every name is qualified and pg_temp comes last: a temporary table called approval must not answer for the real one.
-- What is compared: a vote names the digest that its person was shown, has_votes() counts those that name the approval's, and here the
-- approval's is computed anew from its items by covered(). Foreign keys tie
-- each item's digest to its intent's and each grant to its item, and the worker compares the intent's with the bytes it dials.
-- So nothing slips under a say-so afterwards, neither other bytes nor one more intent.
CREATE FUNCTION grant_needs_say_so() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT g.approval_id, g.workspace_id FROM given g WHERE g.source = 'approval') g WHERE NOT EXISTS (
            SELECT FROM public.approval a
            WHERE a.id = g.approval_id AND a.workspace_id = g.workspace_id AND a.state = 'approved' AND public.has_votes(a.id)
              AND public.stands_in(a.id) AND a.digest = public.covered(a.id))
    ) THEN
        RAISE EXCEPTION 'no approved approval stands behind this grant'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_needs_say_so';
    END IF;
    IF EXISTS (
        SELECT FROM given g WHERE g.source = 'standing'
          AND NOT (g.workspace_id = (SELECT s.workspace_id FROM public.standing s WHERE s.id = g.standing_id)
              AND public.standing_says_so(g.standing_id, g.approval_id, g.intent_id))
    ) THEN
        RAISE EXCEPTION 'no standing approval stands behind this grant'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_needs_say_so';
    END IF;
    -- System mail needs no approval, so it may go to the workspace's own people, and the letter that lets somebody in to the one who asked.
    IF EXISTS (
        SELECT FROM given g WHERE g.source = 'system' AND NOT EXISTS (
            SELECT FROM public.intent i
            JOIN public.content c ON c.intent_id = i.id
            JOIN public.person p ON p.workspace_id = i.workspace_id AND p.ended_at IS NULL
            WHERE i.id = g.intent_id AND i.workspace_id = g.workspace_id AND public.is_ours(i.kind) AND CASE
                WHEN i.kind IN ('notice', 'sign_in_code') THEN p.email = c.recipient
                WHEN i.kind IN ('notice_sms', 'notice_whatsapp') THEN p.phone = c.recipient
                -- The code that proves a new address goes there, while that person's own change waits for it.
                ELSE EXISTS (SELECT FROM public.address_change n WHERE n.person_id = p.id AND n.new = c.recipient AND n.ended_at IS NULL
                    AND n.confirmed_at IS NULL AND n.field = CASE i.kind WHEN 'address_code' THEN 'email' ELSE 'phone' END) END)
          AND NOT public.lets_in(g.intent_id, g.workspace_id)
          AND NOT public.reaches_nobody(g.intent_id, g.workspace_id)
          AND NOT public.is_about_own_plan(g.intent_id, g.workspace_id)
    ) THEN
        RAISE EXCEPTION 'only a notice to a person of the workspace goes without approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_needs_say_so';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER grant_needs_say_so AFTER INSERT ON grants REFERENCING NEW TABLE AS given
    FOR EACH STATEMENT EXECUTE FUNCTION grant_needs_say_so();

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
    expires_at timestamptz,
    order_key text,
    attempt integer NOT NULL DEFAULT 0,
    tries smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    owner uuid,
    wait_reason text,
    parked text CONSTRAINT ck_delivery_parked CHECK (parked IN ('later', 'stopped')),
    changed_at timestamptz NOT NULL DEFAULT now(),
    -- Why it was taken back while it was called or in doubt. Empty: nobody gave a reason.
    halted text,
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (grant_id, intent_id, digest) REFERENCES grants (id, intent_id, digest),
    CONSTRAINT ck_delivery_needs_grant CHECK (
        grant_id IS NOT NULL OR state IN ('held', 'rejected', 'cancelled', 'expired', 'suppressed')),
    CONSTRAINT ck_delivery_leased CHECK ((state = 'calling') = (lease_until IS NOT NULL AND owner IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX ix_delivery_ready ON delivery (lane, priority, workspace_id, due_at, intent_id) WHERE state = 'ready' AND parked IS NULL;
CREATE INDEX ix_delivery_due ON delivery (lane, due_at) WHERE state = 'ready' AND parked IS NULL;
-- What the clock keeps out of the claim's way: until its moment comes, or until its stop is lifted. The claim asks for neither.
CREATE INDEX ix_delivery_later ON delivery (due_at) WHERE state = 'ready' AND parked = 'later';
CREATE INDEX ix_delivery_stopped ON delivery (workspace_id) WHERE state = 'ready' AND parked = 'stopped';
CREATE INDEX ix_delivery_blocked ON delivery (lane, order_key, intent_id) WHERE state = 'blocked';
CREATE UNIQUE INDEX uq_delivery_head ON delivery (lane, order_key) WHERE order_key IS NOT NULL AND state IN ('ready', 'calling', 'in_doubt');
CREATE INDEX ix_delivery_calling ON delivery (lease_until) WHERE state = 'calling';
-- The clock looks each second: it must not read a history to find nothing.
CREATE INDEX ix_delivery_expires_at ON delivery (expires_at) WHERE state = 'ready' AND expires_at IS NOT NULL;
CREATE INDEX ix_delivery_in_doubt ON delivery (due_at) WHERE state = 'in_doubt';
-- What is over leaves the hot table after a while; the gate's constraints go along.
CREATE TABLE delivery_done (
    LIKE delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT pk_delivery_done PRIMARY KEY (intent_id),
    FOREIGN KEY (intent_id, digest) REFERENCES intent (id, digest),
    FOREIGN KEY (grant_id, intent_id, digest) REFERENCES grants (id, intent_id, digest)
);
CREATE VIEW every_delivery WITH (security_invoker = true) AS SELECT * FROM delivery UNION ALL SELECT * FROM delivery_done;
CREATE INDEX ix_delivery_settled ON delivery (changed_at) WHERE state IN ('delivered', 'rejected', 'cancelled', 'expired', 'suppressed');
CREATE INDEX ix_delivery_lingering ON delivery (changed_at) WHERE state IN ('sent', 'undelivered');
CREATE INDEX ix_delivery_done_changed_at ON delivery_done (changed_at);
CREATE INDEX ix_delivery_waiting ON delivery (workspace_id, due_at) WHERE state IN ('held', 'ready', 'blocked');
CREATE INDEX ix_delivery_failed ON delivery (workspace_id, changed_at DESC) WHERE state = 'failed';

-- For operators, who look after lanes that several workspaces share: how much waits, and since when; never whose it is.
CREATE FUNCTION lane_load() RETURNS TABLE (lane text, waiting bigint, oldest_due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.lane, count(*), min(d.due_at) FROM public.delivery d WHERE d.state IN ('ready', 'blocked') GROUP BY d.lane
$$;
