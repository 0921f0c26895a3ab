-- Points: a ledger that nobody changes, and its sum, which the database keeps and lets nobody overdraw.

CREATE TABLE points_entry (
    id uuid CONSTRAINT pk_points_entry PRIMARY KEY,
    workspace_id uuid NOT NULL,
    account_id uuid NOT NULL,
    points integer NOT NULL CONSTRAINT ck_points_entry_points CHECK (points <> 0 AND points BETWEEN -1000000 AND 1000000),
    reason text NOT NULL,
    booking_id uuid UNIQUE,
    said_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id)
);
COMMENT ON COLUMN points_entry.booking_id IS 'the visit it was earned by; each earns once';
CREATE INDEX ix_points_entry_account_id ON points_entry (account_id, at DESC);

CREATE TABLE points_balance (
    account_id uuid CONSTRAINT pk_points_balance PRIMARY KEY,
    workspace_id uuid NOT NULL,
    points bigint NOT NULL CONSTRAINT ck_points_balance_points CHECK (points >= 0),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id)
);
-- Whoever adds or takes locks the balance; nobody else writes it. An INSERT would be checked before its conflict, so the UPDATE comes first.
CREATE FUNCTION points_add() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.points_balance SET points = points + NEW.points WHERE account_id = NEW.account_id;
    IF NOT FOUND THEN
        INSERT INTO public.points_balance (account_id, workspace_id, points) VALUES (NEW.account_id, NEW.workspace_id, NEW.points)
            ON CONFLICT (account_id) DO UPDATE SET points = public.points_balance.points + excluded.points;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER points_add AFTER INSERT ON points_entry FOR EACH ROW EXECUTE FUNCTION points_add();

ALTER TABLE service ADD COLUMN tier_id uuid;
ALTER TABLE service ADD FOREIGN KEY (workspace_id, tier_id) REFERENCES tier (workspace_id, id);
COMMENT ON COLUMN service.tier_id IS 'only members of this tier may book it';
