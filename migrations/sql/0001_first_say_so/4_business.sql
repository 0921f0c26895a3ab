-- The business: customers and what they paid. It has no way to the outside world but the gate.

CREATE TABLE tier (
    id uuid CONSTRAINT pk_tier PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    description text,
    points_per_visit integer NOT NULL CONSTRAINT ck_tier_points_per_visit CHECK (points_per_visit BETWEEN 0 AND 100000),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, id)
);
CREATE UNIQUE INDEX uq_tier_name ON tier (workspace_id, lower(name));

CREATE TABLE account (
    id uuid CONSTRAINT pk_account PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    first_name text,
    last_name text,
    email text,
    phone text,
    notes text,
    tier_id uuid,
    tier_since timestamptz,
    tier_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    UNIQUE (workspace_id, phone),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, tier_id) REFERENCES tier (workspace_id, id),
    CONSTRAINT ck_account_tier CHECK ((tier_id IS NULL) = (tier_since IS NULL) AND (tier_id IS NOT NULL OR tier_until IS NULL)),
    CONSTRAINT ck_account_erased CHECK (erased_at IS NULL OR num_nonnulls(first_name, last_name, email, phone, notes, tier_id) = 0)
);
COMMENT ON COLUMN account.tier_until IS 'from then on the membership is over; null: it does not end by itself';
COMMENT ON COLUMN account.erased_at IS 'nothing personal is left; the row stays for the bookings and sums that it belongs to';
-- One customer for one address, however it is written.
CREATE UNIQUE INDEX uq_account_email ON account (workspace_id, lower(email));

CREATE TABLE payment (
    id uuid CONSTRAINT pk_payment PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    provider_ref text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT ck_payment_amount_minor CHECK (amount_minor >= 0),
    currency text NOT NULL CONSTRAINT ck_payment_currency CHECK (currency ~ '^[A-Z]{3}$'),
    paid_at timestamptz NOT NULL,
    invoice_id uuid,
    method text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_ref)
);
COMMENT ON COLUMN payment.amount_minor IS 'minor units of the currency (ISO 4217)';
