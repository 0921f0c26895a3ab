-- Coming in by an e-mailed code, how often a stranger may ask for one, and who is signed in when a key or a person is added.

CREATE TABLE sign_in_code (
    person_id uuid CONSTRAINT pk_sign_in_code PRIMARY KEY,
    workspace_id uuid NOT NULL,
    browser_hash bytea NOT NULL UNIQUE,
    code_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_sign_in_code_tries CHECK (tries BETWEEN 0 AND 5),
    expires_at timestamptz NOT NULL,
    proved_at timestamptz,
    ended_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN sign_in_code.person_id IS 'the key, so that nobody has two live codes';
COMMENT ON COLUMN sign_in_code.browser_hash IS 'the cookie of the browser that asked; the code is good in no other';

CREATE TABLE throttle (
    key bytea CONSTRAINT pk_throttle PRIMARY KEY,
    used integer NOT NULL DEFAULT 1,
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN throttle.key IS 'a keyed hash of what is counted: neither addresses nor origins are kept';
CREATE INDEX ix_throttle_since ON throttle (since);

CREATE INDEX ix_person_email ON person (lower(email));
-- Before any workspace is known: whom a typed address names. One person, the one who has been here longest; nobody learns the answer.
CREATE FUNCTION somebody_at(address text) RETURNS TABLE (person_id uuid, workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.workspace_id FROM public.person p WHERE lower(p.email) = lower(address) AND p.ended_at IS NULL
    ORDER BY p.email = address DESC, p.created_at, p.id LIMIT 1
$$;

-- Every workspace of whoever typed the right code in the browser whose cookie this transaction presented.
CREATE FUNCTION proved_places() RETURNS TABLE (person_id uuid, workspace_id uuid, workspace_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, w.id, w.name FROM public.sign_in_code c
    JOIN public.person p ON p.id = c.person_id
    JOIN public.person o ON o.email = p.email AND o.ended_at IS NULL
    JOIN public.workspace w ON w.id = o.workspace_id
    WHERE c.browser_hash = decode(current_setting('sayso.credential', true), 'hex')
      AND c.proved_at IS NOT NULL AND c.ended_at IS NULL AND c.expires_at > now()
    ORDER BY w.name, w.id
$$;

-- Whose living portal session this transaction presented; a terminal's does not count, nor a key, nor a link.
CREATE FUNCTION signed_in() RETURNS TABLE (person_id uuid, workspace_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.workspace_id, p.role FROM public.portal_session s
    JOIN public.person p ON p.id = s.person_id AND p.ended_at IS NULL
    WHERE s.token_hash = decode(current_setting('sayso.credential', true), 'hex')
      AND s.via = 'portal' AND s.ended_at IS NULL AND s.expires_at > now()
$$;

-- A workspace keeps an owner. Whoever leaves stays gone, and with the row every way in ends: sessions, links, codes.
CREATE FUNCTION person_leaves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at THEN
        RAISE EXCEPTION 'whoever left stays gone' USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_ended';
    END IF;
    IF OLD.role = 'owner' AND OLD.ended_at IS NULL AND (NEW.role <> 'owner' OR NEW.ended_at IS NOT NULL) THEN
        -- Two owners who end each other at once: the second waits here, and then finds that the other is the last.
        PERFORM FROM public.workspace w WHERE w.id = OLD.workspace_id FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT FROM public.person p
            WHERE p.workspace_id = OLD.workspace_id AND p.id <> OLD.id AND p.role = 'owner' AND p.ended_at IS NULL) THEN
            RAISE EXCEPTION 'a workspace keeps an owner' USING ERRCODE = 'check_violation', CONSTRAINT = 'an_owner_stays';
        END IF;
    END IF;
    IF OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL THEN
        UPDATE public.portal_session SET ended_at = NEW.ended_at WHERE person_id = OLD.id AND ended_at IS NULL;
        UPDATE public.link SET ended_at = NEW.ended_at WHERE person_id = OLD.id AND ended_at IS NULL;
        UPDATE public.login_link SET used_at = NEW.ended_at WHERE person_id = OLD.id AND used_at IS NULL;
        UPDATE public.terminal_login SET finished_at = NEW.ended_at WHERE person_id = OLD.id AND finished_at IS NULL;
        UPDATE public.sign_in_code SET ended_at = NEW.ended_at WHERE person_id = OLD.id AND ended_at IS NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_leaves BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION person_leaves();
