-- The business: customers and what they paid. It has no way to the outside world but the gate.

CREATE TABLE account (
    id uuid CONSTRAINT pk_account PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    first_name text,
    last_name text,
    email text,
    phone text,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, email),
    UNIQUE (workspace_id, phone),
    UNIQUE (workspace_id, id)
);

CREATE TABLE payment (
    id uuid CONSTRAINT pk_payment PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    provider_ref text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT ck_payment_amount_minor CHECK (amount_minor >= 0),
    currency text NOT NULL CONSTRAINT ck_payment_currency CHECK (currency ~ '^[A-Z]{3}$'),
    paid_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_ref)
);
COMMENT ON COLUMN payment.amount_minor IS 'minor units of the currency (ISO 4217)';
