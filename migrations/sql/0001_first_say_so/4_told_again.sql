-- Reading what providers told us, and having it worked off once more. The web role cannot read the inbox: through these functions a person
-- who is signed in to the portal sees lines without bodies, of what names their own business. Who operates the installation is a setting and no row,
-- so for "every business" (`whose` is null) the process vouches; that opens lines without bodies, and to work an event off again changes nothing.

-- Whether an event of a provider is about this business: its metadata says so, or the payment that it is about is theirs.
-- It is read as the text that we wrote, for a signed event may hold escapes over which PostgreSQL's own reading of JSON stumbles.
CREATE FUNCTION is_about(told json, whose uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT position('"sayso_workspace": "org_' || replace(whose::text, '-', '') || '"' IN told::text) > 0 OR EXISTS (
        SELECT FROM public.payment p WHERE p.workspace_id = whose AND p.provider_ref = substring(told::text FROM '"payment_intent": "([^"\\]+)"'))
$$;

CREATE FUNCTION events_kept(whose uuid, since timestamptz, until timestamptz, of_type text, of_state text, of_key text, most integer)
RETURNS TABLE (id uuid, provider text, key text, type text, state text, tries integer, reason text, received_at timestamptz, due_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT i.id, i.provider, i.key, i.type, i.state, i.tries, i.reason, i.received_at, i.due_at FROM public.inbox i
    WHERE (since IS NULL OR i.received_at >= since) AND (until IS NULL OR i.received_at < until) AND (of_type IS NULL OR i.type = of_type)
      AND (of_state IS NULL OR i.state = of_state) AND (of_key IS NULL OR i.key = of_key) AND (whose IS NULL OR is_about(i.body, whose))
    ORDER BY i.received_at DESC, i.id DESC LIMIT most
$$;

CREATE FUNCTION events_again(chosen uuid[]) RETURNS bigint LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH again AS (UPDATE public.inbox SET state = 'new', tries = 0, due_at = now(), reason = '', waits_for = NULL, done_at = NULL WHERE id = ANY(chosen) RETURNING 1)
    SELECT count(*) FROM again
$$;

-- The same for whoever is signed in: an owner or a manager of that business.
CREATE FUNCTION may_see_events(whose uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.signed_in() s WHERE whose IS NULL OR s.workspace_id = whose AND s.role IN ('owner', 'manager'))
$$;

CREATE FUNCTION events_shown(whose uuid, since timestamptz, until timestamptz, of_type text, of_state text, of_key text, most integer)
RETURNS TABLE (id uuid, provider text, key text, type text, state text, tries integer, reason text, received_at timestamptz, due_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.* FROM public.events_kept(whose, since, until, of_type, of_state, of_key, most) k WHERE public.may_see_events(whose)
$$;

CREATE FUNCTION events_replayed(whose uuid, chosen uuid[]) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT public.events_again(ARRAY(SELECT i.id FROM public.inbox i
        WHERE i.id = ANY(chosen) AND public.may_see_events(whose) AND (whose IS NULL OR public.is_about(i.body, whose))))
$$;
