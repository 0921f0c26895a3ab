-- How somebody comes in whom nobody here knows yet: a stranger who founds a business. Each door is a function that does one thing whole.

-- Whose letters to strangers are, before there is a business: nobody belongs to it, and no key.
CREATE FUNCTION doorstep() RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN '00000000-0000-7000-8000-000000000001'::uuid;

CREATE TABLE registration (
    id uuid CONSTRAINT pk_registration PRIMARY KEY,
    address text NOT NULL,
    organisation text NOT NULL,
    industry text,
    country text,
    zone text NOT NULL,
    code_hash bytea NOT NULL CONSTRAINT ck_registration_code_hash CHECK (length(code_hash) = 32),
    letter_id uuid NOT NULL UNIQUE,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_registration_tries CHECK (tries BETWEEN 0 AND 5),
    asked_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '10 minutes',
    ended_at timestamptz
);
COMMENT ON TABLE registration IS 'a business that a stranger wishes to found; the web login reads and writes it through two functions and not otherwise';
COMMENT ON COLUMN registration.letter_id IS 'the one letter that may go to the address';
CREATE INDEX ix_registration_address ON registration (lower(address), asked_at);
CREATE INDEX ix_registration_asked_at ON registration (asked_at);

-- Takes down a wish, and answers whether the address is an owner's already, or that it was asked for too often: whatever it answers, it
-- has done the same. Three an hour and twenty a day for an address, exact however many ask at once. What is two days old goes.
CREATE FUNCTION begin_registration(asked uuid, address text, organisation text, industry text, country text, zone text, code_hash bytea, letter uuid)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE this_hour bigint; this_day bigint; is_owner boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('registration ' || lower(address), 0));
    DELETE FROM public.registration r WHERE r.id IN (
        SELECT old.id FROM public.registration old WHERE old.asked_at < now() - interval '2 days' LIMIT 50 FOR UPDATE SKIP LOCKED);
    SELECT count(*) FILTER (WHERE r.asked_at > now() - interval '1 hour'), count(*) INTO this_hour, this_day
    FROM public.registration r WHERE lower(r.address) = lower(begin_registration.address) AND r.asked_at > now() - interval '1 day';
    is_owner := EXISTS (SELECT FROM public.person p WHERE lower(p.email) = lower(begin_registration.address) AND p.role = 'owner' AND p.ended_at IS NULL);
    IF this_hour >= 3 OR this_day >= 20 THEN
        RETURN 'too_often';
    END IF;
    INSERT INTO public.workspace (id, name) VALUES (public.doorstep(), 'Sayso') ON CONFLICT DO NOTHING;
    INSERT INTO public.registration (id, address, organisation, industry, country, zone, code_hash, letter_id)
    VALUES (asked, address, organisation, industry, country, zone, code_hash, letter);
    RETURN CASE WHEN is_owner THEN 'known' ELSE 'new' END;
END $$;

-- The door through which a workspace, its owner and its first key come to be without anybody being signed in: all three are new, so it can
-- add neither a person nor a key to a workspace that is there. It opens once for a wish, within ten minutes and five tries, to whoever
-- knows the code; a try is counted before the code is looked at. An owner's address founds nothing, however many ask at once.
CREATE FUNCTION found_registered(asked uuid, proofs bytea[], workspace uuid, owner uuid, key jsonb, plan text)
RETURNS TABLE (outcome text, tries_left integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE wish public.registration;
BEGIN
    SELECT * INTO wish FROM public.registration r WHERE r.id = asked FOR UPDATE;
    IF wish.id IS NULL OR wish.ended_at IS NOT NULL OR wish.expires_at <= now() OR wish.tries >= 5 THEN
        RETURN QUERY SELECT CASE WHEN wish.id IS NULL THEN 'unknown' WHEN wish.ended_at IS NOT NULL THEN 'used'
            WHEN wish.expires_at <= now() THEN 'expired' ELSE 'spent' END, 0;
        RETURN;
    END IF;
    UPDATE public.registration r SET tries = r.tries + 1, ended_at = CASE WHEN wish.code_hash = ANY (proofs) THEN now() END WHERE r.id = asked;
    IF NOT wish.code_hash = ANY (proofs) THEN
        RETURN QUERY SELECT 'wrong', 4 - wish.tries;
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('registration ' || lower(wish.address), 0));
    IF EXISTS (SELECT FROM public.person p WHERE lower(p.email) = lower(wish.address) AND p.role = 'owner' AND p.ended_at IS NULL) THEN
        RETURN QUERY SELECT 'existing', 0;
        RETURN;
    END IF;
    INSERT INTO public.workspace (id, name, zone, country, industry, plan)
    VALUES (workspace, wish.organisation, wish.zone, wish.country, wish.industry, found_registered.plan);
    INSERT INTO public.person (id, workspace_id, email, name, role)
    VALUES (owner, workspace, wish.address, initcap(split_part(wish.address, '@', 1)), 'owner');
    INSERT INTO public.api_key (id, workspace_id, name, key_hash, last_four, scopes, created_by)
    SELECT k.id, workspace, k.name, decode(k.hash, 'hex'), k.last_four, k.scopes, owner
    FROM jsonb_to_record(key) AS k (id uuid, name text, hash text, last_four text, scopes text[]);
    RETURN QUERY SELECT 'founded', 0;
END $$;

-- Which letter may go to an address that is no person's yet: the one of a living wish, to the address that it names.
CREATE FUNCTION lets_in(letter uuid, whose uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.intent i JOIN public.content c ON c.intent_id = i.id
        WHERE i.id = letter AND i.workspace_id = whose AND i.kind = 'registration_code' AND i.workspace_id = public.doorstep()
          AND EXISTS (SELECT FROM public.registration r WHERE r.letter_id = i.id AND r.address = c.recipient AND r.ended_at IS NULL AND r.expires_at > now()));
END $$;
