-- Customers: how they are sorted, when they came, what they agreed to. What they agreed to is a history that nobody changes.

CREATE TABLE account_tag (
    workspace_id uuid NOT NULL,
    account_id uuid NOT NULL,
    tag text NOT NULL CONSTRAINT ck_account_tag_tag CHECK (tag = lower(tag) AND length(tag) BETWEEN 1 AND 40),
    CONSTRAINT pk_account_tag PRIMARY KEY (account_id, tag),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id)
);
CREATE INDEX ix_account_tag_tag ON account_tag (workspace_id, tag);

-- That a customer came: told by the booking that was completed, so that lists of customers need not read all bookings.
CREATE TABLE visit (
    booking_id uuid CONSTRAINT pk_visit PRIMARY KEY,
    workspace_id uuid NOT NULL,
    account_id uuid NOT NULL,
    service_id uuid NOT NULL,
    at timestamptz NOT NULL,
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id),
    FOREIGN KEY (workspace_id, service_id) REFERENCES service (workspace_id, id)
);
CREATE INDEX ix_visit_account_id_at ON visit (account_id, at);

CREATE TABLE consent (
    id uuid CONSTRAINT pk_consent PRIMARY KEY,
    workspace_id uuid NOT NULL,
    account_id uuid NOT NULL,
    channel text NOT NULL CONSTRAINT ck_consent_channel CHECK (channel IN ('whatsapp', 'sms', 'email')),
    is_given boolean NOT NULL,
    source text NOT NULL CONSTRAINT ck_consent_source CHECK (source IN ('agent', 'import', 'person', 'customer', 'provider')),
    evidence text,
    said_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id),
    CONSTRAINT ck_consent_evidence CHECK (evidence IS NOT NULL OR NOT is_given)
);
COMMENT ON TABLE consent IS 'never changed: the newest row of a customer and channel counts';
CREATE INDEX ix_consent_account_id ON consent (account_id, channel, at DESC);

CREATE TABLE segment (
    id uuid CONSTRAINT pk_segment PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    filter jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, id)
);
CREATE UNIQUE INDEX uq_segment_name ON segment (workspace_id, lower(name));
COMMENT ON COLUMN segment.filter IS 'who belongs is asked anew each time';
