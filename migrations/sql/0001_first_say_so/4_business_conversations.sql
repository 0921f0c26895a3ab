-- What customers write to us: data, and never an order to anybody.

CREATE TABLE conversation (
    id uuid CONSTRAINT pk_conversation PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    channel text NOT NULL CONSTRAINT ck_conversation_channel CHECK (channel IN ('whatsapp', 'sms')),
    address text NOT NULL,
    account_id uuid,
    last_in_at timestamptz NOT NULL,
    UNIQUE (workspace_id, channel, address),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id)
);
CREATE INDEX ix_conversation_last_in_at ON conversation (workspace_id, last_in_at DESC, id DESC);

CREATE TABLE heard (
    id uuid CONSTRAINT pk_heard PRIMARY KEY,
    workspace_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    provider text NOT NULL,
    provider_ref text NOT NULL,
    body text NOT NULL,
    media integer NOT NULL CONSTRAINT ck_heard_media CHECK (media >= 0),
    word text CONSTRAINT ck_heard_word CHECK (word IN ('stop', 'start', 'help')),
    at timestamptz NOT NULL,
    UNIQUE (workspace_id, provider, provider_ref),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversation (workspace_id, id)
);
COMMENT ON TABLE heard IS 'what a customer wrote, as it came';
CREATE INDEX ix_heard_conversation_id ON heard (conversation_id, at DESC);

-- Who wrote from this sender of the installation to this address, the latest first; if nobody did, where the address is a customer's own; then who
-- was allowed to write and has not yet, for what never left makes nobody the one who is answered.
-- What goes by an account of a workspace's own does not count: anybody may call the installation's number theirs.
CREATE FUNCTION writers_to(place text, address text, ours text) RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH allowed AS (
        SELECT i.workspace_id, CASE WHEN d.attempt > 0 THEN 1 ELSE 3 END AS rank,
            coalesce((SELECT min(a.at) FROM public.attempt a WHERE a.intent_id = i.id), i.created_at) AS at
        FROM public.content c JOIN public.intent i ON i.id = c.intent_id JOIN public.every_delivery d ON d.intent_id = i.id
        JOIN public.grants g ON g.intent_id = i.id AND g.source <> 'system'
        WHERE c.recipient = address AND split_part(i.lane, ':', 1) = place AND strpos(i.lane, '/') = 0
          -- CASE, for conditions beside each other are looked at in any order, and what is sealed or wiped cannot be read.
          AND CASE WHEN NOT c.sealed AND c.snapshot <> '' THEN right(convert_from(c.snapshot, 'UTF8')::jsonb ->> 'sender', length(ours)) = ours END
          AND (d.attempt > 0 OR d.state IN ('ready', 'blocked'))
    ), known AS (
        SELECT w.workspace_id, w.rank, w.at FROM allowed w
        UNION ALL
        SELECT a.workspace_id, 2, a.created_at FROM public.account a WHERE a.phone = address AND NOT EXISTS (SELECT FROM allowed w WHERE w.rank = 1)
    ), each AS (SELECT DISTINCT ON (k.workspace_id) k.workspace_id, k.rank, k.at FROM known k ORDER BY k.workspace_id, k.rank, k.at DESC)
    SELECT e.workspace_id FROM each e ORDER BY e.rank, e.at DESC
$$;
