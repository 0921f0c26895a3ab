-- A workspace's own senders, beside the installation's: a row for each channel that is connected, and a lane for each row.

CREATE TABLE channel_account (
    id uuid CONSTRAINT pk_channel_account PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    channel text NOT NULL,
    provider text NOT NULL,
    sender text NOT NULL CONSTRAINT ck_channel_account_sender CHECK (length(sender) BETWEEN 3 AND 320),
    name text NOT NULL CONSTRAINT ck_channel_account_name CHECK (length(name) BETWEEN 3 AND 64),
    lane text NOT NULL CONSTRAINT ck_channel_account_lane CHECK (lane = channel || ':' || provider || '/' || encode(uuid_send(id), 'hex')) REFERENCES lane,
    credentials bytea,
    created_by uuid NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    test_due boolean NOT NULL DEFAULT true,
    tested_at timestamptz,
    proved_at timestamptz,
    fault text,
    ended_at timestamptz,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, created_by) REFERENCES person (workspace_id, id),
    CONSTRAINT ck_channel_account_provider CHECK ((channel, provider) IN (('sms', 'twilio'), ('whatsapp', 'twilio'), ('email', 'sendgrid'))),
    CONSTRAINT ck_channel_account_credentials CHECK ((ended_at IS NULL) = (credentials IS NOT NULL))
);
COMMENT ON COLUMN channel_account.name IS 'by what webhooks name it: the AccountSid of Twilio; for SendGrid the id, which stands in the address of its webhook';
COMMENT ON COLUMN channel_account.credentials IS 'sealed, and read by workers; gone when it is disconnected';
COMMENT ON COLUMN channel_account.proved_at IS 'when the provider last let it in; nothing is frozen for it before that, counted from connected_at';
CREATE UNIQUE INDEX uq_channel_account_live ON channel_account (workspace_id, channel) WHERE ended_at IS NULL;
CREATE INDEX ix_channel_account_name ON channel_account (provider, name) WHERE ended_at IS NULL;
CREATE INDEX ix_channel_account_test_due ON channel_account (changed_at) WHERE test_due AND ended_at IS NULL;

-- Whose credentials may have signed a webhook that names this account. The web role reads none by itself: it is told these, sealed, to verify with.
CREATE FUNCTION may_have_signed(by_provider text, named text) RETURNS TABLE (id uuid, workspace_id uuid, provider text, name text, sender text, credentials bytea, changed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, a.workspace_id, a.provider, a.name, a.sender, a.credentials, a.changed_at FROM public.channel_account a
    WHERE a.provider = by_provider AND a.name = named AND a.ended_at IS NULL AND a.proved_at >= a.connected_at
    ORDER BY a.id LIMIT 50
$$;
