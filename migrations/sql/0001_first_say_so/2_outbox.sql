-- What shall happen and what happened. `intent` never changes; `content` holds what may be erased; `delivery` is hot and narrow.

-- Travels with every backup, so that a worker knows the history it has seen when it meets an older copy of it.
CREATE TABLE installation (id uuid CONSTRAINT pk_installation PRIMARY KEY, forgotten bigint NOT NULL DEFAULT 0);
COMMENT ON COLUMN installation.forgotten IS 'the highest attempt there was when history was deleted last: what is deleted on purpose was not lost';
INSERT INTO installation VALUES (gen_random_uuid());

CREATE TABLE lane (
    id text CONSTRAINT pk_lane PRIMARY KEY,
    rate double precision CONSTRAINT ck_lane_rate CHECK (rate > 0),
    burst double precision NOT NULL DEFAULT 1 CONSTRAINT ck_lane_burst CHECK (burst >= 1),
    tokens double precision NOT NULL DEFAULT 1,
    tokens_at timestamptz NOT NULL DEFAULT now(),
    paused_at timestamptz,
    pause_reason text,
    breaker_until timestamptz,
    breaker_reason text,
    pace double precision CONSTRAINT ck_lane_pace CHECK (pace > 0),
    rests_until timestamptz
);
COMMENT ON COLUMN lane.rate IS 'messages a second; null does not limit';
COMMENT ON COLUMN lane.pace IS 'messages a second while the provider asked us to slow down; with neither this nor a rate, no tick locks this row';

-- The kinds of mail to the workspace's own people: they need no approval, and may arrive twice.
CREATE FUNCTION is_ours(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN kind IN ('notice', 'notice_sms', 'notice_whatsapp', 'sign_in_code', 'address_code', 'address_code_sms',
    'registration_code', 'team_invite', 'invite_code');

-- What speaks to a customer: no mail to our own people, and no page to pay on or money given back.
CREATE FUNCTION is_to_customer(kind text, lane text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN NOT is_ours(kind) AND lane NOT LIKE 'payments:%';

CREATE TABLE intent (
    id uuid CONSTRAINT pk_intent PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    kind text NOT NULL,
    lane text NOT NULL REFERENCES lane,
    digest bytea NOT NULL CONSTRAINT ck_intent_digest CHECK (length(digest) = 32),
    order_key text,
    not_before timestamptz CONSTRAINT ck_intent_not_before CHECK (not_before BETWEEN '2000-01-01' AND '2200-01-01'),
    expires_at timestamptz CONSTRAINT ck_intent_expires_at CHECK (expires_at BETWEEN '2000-01-01' AND '2200-01-01'),
    on_unknown text NOT NULL CONSTRAINT ck_intent_on_unknown CHECK (on_unknown IN ('hold', 'resend_if_absent')
        OR on_unknown = 'resend' AND is_ours(kind) OR on_unknown = 'repeat' AND lane LIKE 'payments:%'),
    asked_by_kind text NOT NULL,
    asked_by_id uuid,
    asked_by_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    traceparent text CONSTRAINT ck_intent_traceparent CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
    UNIQUE (id, digest),
    UNIQUE (workspace_id, id)
);

COMMENT ON COLUMN intent.traceparent IS 'the call that asked for it (W3C Trace Context), so that all that becomes of it is one trace';

CREATE TABLE content (
    intent_id uuid CONSTRAINT pk_content PRIMARY KEY,
    workspace_id uuid NOT NULL,
    recipient text NOT NULL,
    snapshot bytea NOT NULL,
    sealed boolean NOT NULL,
    wiped_at timestamptz,
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id)
);

CREATE INDEX ix_content_unwiped ON content (intent_id) WHERE sealed AND wiped_at IS NULL;

CREATE TABLE attempt (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_attempt PRIMARY KEY,
    intent_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    number integer NOT NULL,
    source text NOT NULL CONSTRAINT ck_attempt_source CHECK (source IN ('call', 'callback', 'lookup', 'lease', 'person')),
    outcome text NOT NULL,
    reason text NOT NULL DEFAULT '',
    provider_ref text,
    url text,
    digest bytea,
    started_at timestamptz,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id)
);
COMMENT ON COLUMN attempt.url IS 'where the provider takes a payment; shown to whoever holds the link to it';
COMMENT ON COLUMN attempt.digest IS 'SHA-256 of the bytes the worker really dialled with';
CREATE INDEX ix_attempt_intent_id ON attempt (intent_id);
CREATE FUNCTION url_of(intent uuid) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN (
    SELECT a.url FROM attempt a WHERE a.intent_id = intent AND a.url IS NOT NULL ORDER BY a.id DESC LIMIT 1);
-- A tick that is repeated because its answer was lost records each call once.
CREATE UNIQUE INDEX uq_attempt_call ON attempt (intent_id, number) WHERE source = 'call';
-- What the breaker of a lane counts, and nothing else: calls that went well never touch it.
CREATE INDEX ix_attempt_unanswered ON attempt (at) WHERE source = 'call' AND outcome IN ('unsure', 'unreached');
-- Whether a provider's callbacks are alive.
CREATE INDEX ix_attempt_heard ON attempt (at) WHERE source = 'callback';
CREATE INDEX ix_attempt_provider_ref ON attempt (provider_ref) WHERE provider_ref IS NOT NULL;

CREATE TABLE inbox (
    id uuid CONSTRAINT pk_inbox PRIMARY KEY,
    provider text NOT NULL,
    key text NOT NULL,
    form text NOT NULL CONSTRAINT ck_inbox_form CHECK (form IN ('status', 'object', 'message')),
    type text NOT NULL,
    body json NOT NULL,
    state text NOT NULL DEFAULT 'new' CONSTRAINT ck_inbox_state CHECK (state IN ('new', 'hint', 'done', 'ignored', 'dead')),
    tries integer NOT NULL DEFAULT 0,
    asked bigint,
    waits_for text,
    due_at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    was_told boolean NOT NULL DEFAULT false,
    UNIQUE (provider, key)
);
COMMENT ON COLUMN inbox.body IS 'json, not jsonb: kept to the letter, and jsonb refuses \u0000 that a signed event may hold';
COMMENT ON COLUMN inbox.asked IS 'the number of the newest attempt to ask for its object: whoever holds an older one has lost the row';
COMMENT ON COLUMN inbox.was_told IS 'whether the business was told of it, where nothing else that is kept would show that; a replay leaves it as it is';
COMMENT ON COLUMN inbox.waits_for IS 'what must be here before it; it is tried anew when that comes';
CREATE INDEX ix_inbox_due_at ON inbox (due_at) WHERE state = 'new';
CREATE INDEX ix_inbox_hint ON inbox (due_at) WHERE state = 'hint';
CREATE INDEX ix_inbox_waits_for ON inbox (waits_for) WHERE waits_for IS NOT NULL;
-- Each question to a provider takes the next number, before it is asked: the answer to a later question knows all that an earlier one could.
CREATE SEQUENCE inbox_asked;
CREATE INDEX ix_inbox_received_at ON inbox (received_at) WHERE state <> 'new';

CREATE TABLE idempotency (
    workspace_id uuid NOT NULL REFERENCES workspace,
    key text NOT NULL,
    operation text NOT NULL,
    request_digest bytea NOT NULL,
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency PRIMARY KEY (workspace_id, key)
);
CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

CREATE TABLE event (
    id uuid CONSTRAINT pk_event PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    type text NOT NULL,
    subject text NOT NULL,
    data jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_event_at ON event (at);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_audit_workspace_id_subject ON audit (workspace_id, subject);

CREATE TABLE suppression (
    workspace_id uuid NOT NULL REFERENCES workspace,
    channel text NOT NULL,
    recipient text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL DEFAULT 'customer' CONSTRAINT ck_suppression_source CHECK (source IN ('agent', 'import', 'person', 'customer', 'provider')),
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_suppression_recipient CHECK (recipient = lower(recipient)),
    CONSTRAINT pk_suppression PRIMARY KEY (workspace_id, channel, recipient)
);

COMMENT ON COLUMN suppression.source IS 'whose word it is: what the customer, a person or a provider said, only a signed-in decider lifts';

CREATE TABLE reply_window (
    workspace_id uuid NOT NULL REFERENCES workspace,
    sender text NOT NULL,
    recipient text NOT NULL,
    closes_at timestamptz NOT NULL,
    CONSTRAINT pk_reply_window PRIMARY KEY (workspace_id, sender, recipient)
);
COMMENT ON TABLE reply_window IS 'until when WhatsApp takes free words to who wrote to this sender; a delivery of such words expires no later';
CREATE INDEX ix_reply_window_closes_at ON reply_window (closes_at);

CREATE TABLE stop (
    id uuid CONSTRAINT pk_stop PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    asked_by_id uuid,
    channel text,
    approval_id uuid,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz,
    FOREIGN KEY (workspace_id, asked_by_id) REFERENCES api_key (workspace_id, id),
    CONSTRAINT ck_stop_subject CHECK (num_nonnulls(asked_by_id, channel, approval_id) <= 1)
);
COMMENT ON TABLE stop IS 'holds what one key asked for, one channel, one request, or with none of them the whole workspace';
CREATE INDEX ix_stop_workspace_id ON stop (workspace_id) WHERE lifted_at IS NULL;
CREATE INDEX ix_stop_lifted_at ON stop (lifted_at) WHERE lifted_at IS NOT NULL;

CREATE TABLE quiet (
    intent_id uuid CONSTRAINT pk_quiet PRIMARY KEY,
    workspace_id uuid NOT NULL,
    zone text NOT NULL CONSTRAINT ck_quiet_zone CHECK (is_zone(zone)),
    begins time NOT NULL,
    ends time NOT NULL,
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id),
    CONSTRAINT ck_quiet_hours CHECK (begins <> ends)
);
COMMENT ON TABLE quiet IS 'the hours in which no claim takes an intent, on the clock where it goes; gone when it has left the hot table';

-- When the quiet hours end that it is then; null when it is not quiet.
CREATE FUNCTION quiet_until(zone text, begins time, ends time, moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE RETURN (
    SELECT greatest((l.there::date + (l.there::time >= ends)::int + ends) AT TIME ZONE zone, moment + interval '1 min')
    FROM (SELECT moment AT TIME ZONE zone) AS l (there)
    WHERE CASE WHEN begins < ends THEN l.there::time >= begins AND l.there::time < ends ELSE l.there::time >= begins OR l.there::time < ends END
);
