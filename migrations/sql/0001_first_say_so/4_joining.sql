-- How somebody comes in whom nobody here knows yet: a stranger who founds a business, and one whom an owner wishes to have in theirs.
-- Each door is a function that does one thing whole.

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

-- Somebody who shall belong. An agent may ask for it and no more: until an owner who is signed in to the portal has confirmed it, there is
-- no letter, no token and no way in. Whom, as what and by whose wish it is never changes.
CREATE TABLE invite (
    id uuid CONSTRAINT pk_invite PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    address text NOT NULL,
    name text,
    role text NOT NULL CONSTRAINT ck_invite_role CHECK (role IN ('manager', 'staff')),
    hours integer NOT NULL CONSTRAINT ck_invite_hours CHECK (hours BETWEEN 1 AND 168),
    asked_by_name text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    confirmed_by uuid,
    confirmed_at timestamptz,
    token_hash bytea UNIQUE,
    letter_id uuid UNIQUE,
    code_hash bytea,
    code_letter_id uuid UNIQUE,
    code_until timestamptz,
    codes integer NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_invite_tries CHECK (tries BETWEEN 0 AND 5),
    ended_at timestamptz,
    ended_as text CONSTRAINT ck_invite_ended CHECK (ended_as IN ('accepted', 'declined')),
    FOREIGN KEY (workspace_id, confirmed_by) REFERENCES person (workspace_id, id),
    CONSTRAINT ck_invite_confirmed CHECK (num_nulls(confirmed_by, confirmed_at, token_hash, letter_id) IN (0, 4)),
    CONSTRAINT ck_invite_over CHECK ((ended_at IS NULL) = (ended_as IS NULL))
);
COMMENT ON COLUMN invite.expires_at IS 'a week for an owner to confirm it; from then on the hours that were asked for';
CREATE INDEX ix_invite_workspace_id ON invite (workspace_id, asked_at) WHERE ended_at IS NULL;

-- Who confirmed and when is the database's word; what is over or was confirmed stays so.
CREATE FUNCTION invite_confirms() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL OR OLD.expires_at <= now() OR (OLD.confirmed_at IS NOT NULL AND NEW.token_hash IS DISTINCT FROM OLD.token_hash) THEN
        RAISE EXCEPTION 'this invitation is settled' USING ERRCODE = 'check_violation', CONSTRAINT = 'invite_confirms';
    END IF;
    IF NEW.token_hash IS DISTINCT FROM OLD.token_hash THEN
        NEW.confirmed_by := (SELECT s.person_id FROM public.signed_in() s WHERE s.workspace_id = OLD.workspace_id AND s.role = 'owner');
        NEW.confirmed_at := CASE WHEN NEW.confirmed_by IS NOT NULL THEN now() END;
        NEW.expires_at := now() + make_interval(hours => OLD.hours);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER invite_confirms BEFORE UPDATE ON invite FOR EACH ROW EXECUTE FUNCTION invite_confirms();

-- The living invitation that the presented token opens, while whoever confirmed it is an owner still.
CREATE FUNCTION invited() RETURNS SETOF invite LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT n.* FROM public.invite n
        JOIN public.person p ON p.id = n.confirmed_by AND p.role = 'owner' AND p.ended_at IS NULL
        WHERE n.token_hash = decode(current_setting('sayso.credential', true), 'hex') AND n.ended_at IS NULL AND n.expires_at > now();
END $$;

-- A new code for whoever holds the token: to the invited address, ten times at most, each good for ten minutes and five tries.
CREATE FUNCTION ask_invite_code(code bytea, letter uuid) RETURNS TABLE (workspace_id uuid, address text, business text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY UPDATE public.invite n SET code_hash = code, code_letter_id = letter, code_until = now() + interval '10 minutes', codes = n.codes + 1, tries = 0
        FROM public.workspace w WHERE n.id = (SELECT i.id FROM public.invited() i) AND n.codes < 10 AND w.id = n.workspace_id
        RETURNING n.workspace_id, n.address, w.name;
END $$;

-- The door through which an invited person comes to belong: as what the owner confirmed and nothing else. A try is counted first.
CREATE FUNCTION accept_invite(proofs bytea[], person uuid, called text) RETURNS TABLE (outcome text, tries_left integer, workspace uuid, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE n public.invite; made uuid;
BEGIN
    SELECT i.* INTO n FROM public.invite i WHERE i.id = (SELECT l.id FROM public.invited() l) FOR UPDATE;
    IF n.id IS NULL OR n.ended_at IS NOT NULL OR n.code_until IS NULL OR n.code_until <= now() OR n.tries >= 5 THEN
        RETURN QUERY SELECT CASE WHEN n.id IS NULL OR n.ended_at IS NOT NULL THEN 'over' WHEN n.tries >= 5 THEN 'spent' ELSE 'expired' END, 0, NULL::uuid, NULL;
        RETURN;
    END IF;
    IF NOT n.code_hash = ANY (proofs) THEN
        UPDATE public.invite i SET tries = i.tries + 1 WHERE i.id = n.id;
        RETURN QUERY SELECT 'wrong', 4 - n.tries, NULL::uuid, NULL;
        RETURN;
    END IF;
    INSERT INTO public.person (id, workspace_id, email, name, role)
    VALUES (person, n.workspace_id, n.address, coalesce(called, n.name, initcap(split_part(n.address, '@', 1))), n.role)
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    UPDATE public.invite i SET ended_at = now(), ended_as = 'accepted', tries = i.tries + 1 WHERE i.id = n.id;
    RETURN QUERY SELECT CASE WHEN made IS NULL THEN 'existing' ELSE 'accepted' END, 0, n.workspace_id, n.role;
END $$;

-- Which letter may go to an address that is no person's yet: the one of a living wish, and those of an invitation that an owner confirmed;
-- each to the address that its row names, and only the one letter that the row names.
CREATE FUNCTION lets_in(letter uuid, whose uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.intent i JOIN public.content c ON c.intent_id = i.id
        WHERE i.id = letter AND i.workspace_id = whose AND CASE i.kind
            WHEN 'registration_code' THEN whose = public.doorstep() AND EXISTS (SELECT FROM public.registration r
                WHERE r.letter_id = i.id AND r.address = c.recipient AND r.ended_at IS NULL AND r.expires_at > now())
            WHEN 'team_invite' THEN EXISTS (SELECT FROM public.invite n
                WHERE n.letter_id = i.id AND n.workspace_id = whose AND n.address = c.recipient AND n.confirmed_at IS NOT NULL AND n.ended_at IS NULL)
            WHEN 'invite_code' THEN EXISTS (SELECT FROM public.invite n
                WHERE n.code_letter_id = i.id AND n.workspace_id = whose AND n.address = c.recipient AND n.confirmed_at IS NOT NULL AND n.ended_at IS NULL)
            ELSE false END);
END $$;
