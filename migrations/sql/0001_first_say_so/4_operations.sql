-- What whoever operates must see of every workspace at once: how much stands where and since when; never whose it is.

CREATE TABLE heartbeat (
    id uuid CONSTRAINT pk_heartbeat PRIMARY KEY,
    process text NOT NULL CONSTRAINT ck_heartbeat_process CHECK (process IN ('web', 'worker', 'clock')),
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    ahead_seconds double precision NOT NULL
);
COMMENT ON TABLE heartbeat IS 'a process that runs; one that stopped in order has none';
COMMENT ON COLUMN heartbeat.ahead_seconds IS 'by how much the clock of its host is ahead of this database''s';

CREATE INDEX ix_delivery_held ON delivery (lane, due_at) WHERE state = 'held';
CREATE INDEX ix_inbox_dead ON inbox (received_at) WHERE state = 'dead';

-- How many sends stand so in each lane, and since how many seconds the oldest does: a ready one since it was due, one in doubt since its
-- call, a failed one since it failed. No state counts further than `most`: a scrape costs the same however much waits.
CREATE FUNCTION queue_depths(most integer) RETURNS TABLE (state text, lane text, many bigint, oldest_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
    SELECT 'held', l.id, n.many, extract(epoch FROM now() - n.oldest) FROM public.lane l CROSS JOIN LATERAL (
        SELECT count(*) AS many, min(h.due_at) AS oldest FROM (
            SELECT d.due_at FROM public.delivery d WHERE d.state = 'held' AND d.lane = l.id ORDER BY d.due_at LIMIT most) h) n WHERE n.many > 0
    UNION ALL
    SELECT 'ready', l.id, n.many, greatest(0, extract(epoch FROM now() - n.oldest)) FROM public.lane l CROSS JOIN LATERAL (
        SELECT count(*) AS many, min(r.due_at) AS oldest FROM (
            SELECT d.due_at FROM public.delivery d WHERE d.state = 'ready' AND d.parked IS NULL AND d.lane = l.id ORDER BY d.due_at LIMIT most) r) n WHERE n.many > 0
    UNION ALL
    SELECT 'blocked', l.id, n.many, NULL FROM public.lane l CROSS JOIN LATERAL (
        SELECT count(*) AS many FROM (SELECT FROM public.delivery d WHERE d.state = 'blocked' AND d.lane = l.id LIMIT most) b) n WHERE n.many > 0
    UNION ALL
    SELECT 'later', d.lane, count(*), NULL FROM (
        SELECT d.lane FROM public.delivery d WHERE d.state = 'ready' AND d.parked = 'later' ORDER BY d.due_at LIMIT most) d GROUP BY d.lane
    UNION ALL
    SELECT 'stopped', d.lane, count(*), NULL FROM (
        SELECT d.lane FROM public.delivery d WHERE d.state = 'ready' AND d.parked = 'stopped' ORDER BY d.workspace_id LIMIT most) d GROUP BY d.lane
    UNION ALL
    SELECT 'calling', d.lane, count(*), NULL FROM (
        SELECT d.lane FROM public.delivery d WHERE d.state = 'calling' ORDER BY d.lease_until LIMIT most) d GROUP BY d.lane
    UNION ALL
    SELECT 'in_doubt', d.lane, count(*), extract(epoch FROM now() - min(d.since)) FROM (
        SELECT d.lane, coalesce((SELECT min(a.at) FROM public.attempt a WHERE a.intent_id = d.intent_id AND a.number = d.attempt), d.changed_at) AS since
        FROM public.delivery d WHERE d.state = 'in_doubt' ORDER BY d.due_at LIMIT most) d GROUP BY d.lane
    UNION ALL
    SELECT 'failed', d.lane, count(*), extract(epoch FROM now() - min(d.changed_at)) FROM (
        SELECT d.lane, d.changed_at FROM public.delivery d WHERE d.state = 'failed' ORDER BY d.workspace_id, d.changed_at DESC LIMIT most) d GROUP BY d.lane
$$;

-- The requests that wait for a person: how many, since when the oldest, and how many end soon.
CREATE FUNCTION approvals_waiting(most integer) RETURNS TABLE (many bigint, oldest_seconds double precision, ending bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
    SELECT count(*), coalesce(extract(epoch FROM now() - min(a.created_at)), 0), count(*) FILTER (WHERE a.expires_at < now() + interval '15 minutes')
    FROM (SELECT a.created_at, a.expires_at FROM public.approval a WHERE a.state = 'pending' ORDER BY a.workspace_id, a.expires_at LIMIT most) a
$$;

-- What providers told us and nobody has worked off yet: how much, by how many seconds the oldest is late, and what was given up.
CREATE FUNCTION inbox_load(most integer) RETURNS TABLE (many bigint, lag_seconds double precision, dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
    SELECT n.many, coalesce(greatest(0, extract(epoch FROM now() - n.oldest)), 0),
        (SELECT count(*) FROM (SELECT FROM public.inbox i WHERE i.state = 'dead' ORDER BY i.received_at LIMIT most) d)
    FROM (SELECT count(*) AS many, min(i.due_at) AS oldest FROM (
        SELECT i.due_at FROM public.inbox i WHERE i.state = 'new' ORDER BY i.due_at LIMIT most) i) n
$$;
