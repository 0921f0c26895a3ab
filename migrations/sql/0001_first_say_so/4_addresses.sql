-- Changing where a person is written to: proved by a code at the new place, told at the old one, and in force a day later.

CREATE TABLE address_change (
    id uuid CONSTRAINT pk_address_change PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    field text NOT NULL CONSTRAINT ck_address_change_field CHECK (field IN ('email', 'phone')),
    new text NOT NULL,
    code_hash bytea NOT NULL,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_address_change_tries CHECK (tries BETWEEN 0 AND 5),
    keep_hash bytea UNIQUE,
    asked_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    ended_at timestamptz,
    ended_as text CONSTRAINT ck_address_change_ended CHECK (ended_as IN ('applied', 'cancelled', 'replaced')),
    CONSTRAINT ck_address_change_over CHECK ((ended_at IS NULL) = (ended_as IS NULL)),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
CREATE UNIQUE INDEX uq_address_change_open ON address_change (person_id) WHERE ended_at IS NULL;
COMMENT ON COLUMN address_change.keep_hash IS 'of the secret in the notice to the old address, which keeps things as they are';

-- When it was asked for and confirmed is the database's word: nobody shortens the day in between. What is over stays so.
CREATE FUNCTION address_change_waits() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.asked_at := now();
        NEW.confirmed_at := NULL;
        RETURN NEW;
    END IF;
    IF OLD.ended_at IS NOT NULL OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at) THEN
        RAISE EXCEPTION 'this change is settled' USING ERRCODE = 'check_violation', CONSTRAINT = 'address_change_waits';
    END IF;
    IF NEW.confirmed_at IS NOT NULL AND OLD.confirmed_at IS NULL THEN
        NEW.confirmed_at := now();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER address_change_waits BEFORE INSERT OR UPDATE ON address_change FOR EACH ROW EXECUTE FUNCTION address_change_waits();

CREATE FUNCTION is_cooled(asked uuid, field text, address text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM public.address_change c WHERE c.person_id = asked AND c.field = is_cooled.field AND c.new = address
        AND c.ended_at IS NULL AND c.confirmed_at <= now() - interval '24 hours')
$$;
CREATE FUNCTION person_moves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.email IS DISTINCT FROM OLD.email AND NOT public.is_cooled(OLD.id, 'email', NEW.email)
        OR NEW.phone IS DISTINCT FROM OLD.phone AND NOT public.is_cooled(OLD.id, 'phone', NEW.phone) THEN
        RAISE EXCEPTION 'an address changes a day after it was proved' USING ERRCODE = 'check_violation', CONSTRAINT = 'person_moves';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_moves BEFORE UPDATE OF email, phone ON person FOR EACH ROW EXECUTE FUNCTION person_moves();
