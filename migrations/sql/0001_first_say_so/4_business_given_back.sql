-- Money given back, and money that somebody wants back. Several events tell of each, in any order: a row only ever gets further.

ALTER TABLE payment ADD COLUMN told_refunded_minor bigint NOT NULL DEFAULT 0 CONSTRAINT ck_payment_told_refunded CHECK (told_refunded_minor >= 0);
COMMENT ON COLUMN payment.told_refunded_minor IS 'the highest sum of refunds that an event about the charge named';

CREATE TABLE refund (
    id uuid CONSTRAINT pk_refund PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    provider_ref text,
    payment_ref text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT ck_refund_amount CHECK (amount_minor > 0),
    currency text NOT NULL CONSTRAINT ck_refund_currency CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL CONSTRAINT ck_refund_state CHECK (state IN ('asked', 'pending', 'succeeded', 'canceled', 'failed')),
    intent_id uuid UNIQUE,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_ref),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE SET NULL (intent_id)
);
COMMENT ON COLUMN refund.payment_ref IS 'the payment at the provider; its own event may come later than this one';
COMMENT ON COLUMN refund.intent_id IS 'the request of ours; null: somebody gave it back at the provider';
CREATE INDEX ix_refund_payment_ref ON refund (provider, payment_ref);

CREATE TABLE dispute (
    id uuid CONSTRAINT pk_dispute PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    provider_ref text NOT NULL,
    payment_ref text NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT ck_dispute_amount CHECK (amount_minor >= 0),
    currency text NOT NULL CONSTRAINT ck_dispute_currency CHECK (currency ~ '^[A-Z]{3}$'),
    state text NOT NULL CONSTRAINT ck_dispute_state CHECK (state IN ('open', 'won', 'lost')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_ref)
);
CREATE INDEX ix_dispute_payment_ref ON dispute (provider, payment_ref);

-- A payment with what became of it. What an event about the charge told in sum counts too, less what failed since or is on its way, which
-- counts as asked for: some refunds have no event of their own here. What was asked for and may still be given back is held for it, also when the provider refused it once.
CREATE VIEW payment_now WITH (security_invoker = true) AS
SELECT p.*, greatest(r.given, p.told_refunded_minor - r.not_yet) AS refunded_minor, r.asked AS asked_minor,
    EXISTS (SELECT FROM dispute d WHERE (d.provider, d.payment_ref, d.state) = (p.provider, p.provider_ref, 'open')) AS is_disputed,
    (SELECT coalesce(sum(d.amount_minor) FILTER (WHERE d.state = 'lost'), 0) FROM dispute d WHERE (d.provider, d.payment_ref) = (p.provider, p.provider_ref)) AS lost_minor
FROM payment p CROSS JOIN LATERAL (
    SELECT coalesce(sum(f.amount_minor) FILTER (WHERE f.state = 'succeeded'), 0) AS given,
        coalesce(sum(f.amount_minor) FILTER (WHERE f.state IN ('pending', 'canceled', 'failed') AND f.provider_ref IS NOT NULL), 0) AS not_yet,
        coalesce(sum(f.amount_minor) FILTER (WHERE f.state = 'pending'
            OR f.state = 'asked' AND v.state NOT IN ('rejected', 'cancelled', 'expired', 'suppressed')), 0) AS asked
    FROM refund f LEFT JOIN every_delivery v ON v.intent_id = f.intent_id
    WHERE (f.provider, f.payment_ref) = (p.provider, p.provider_ref) AND f.workspace_id = p.workspace_id
) r;

-- Nobody asks for more than was paid and is not given back or asked for already, however many ask at once: the payment's row is the queue.
CREATE FUNCTION refund_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM public.payment p WHERE p.workspace_id = NEW.workspace_id AND (p.provider, p.provider_ref) = (NEW.provider, NEW.payment_ref) FOR UPDATE;
    IF NOT EXISTS (
        SELECT FROM public.payment_now p
        WHERE p.workspace_id = NEW.workspace_id AND (p.provider, p.provider_ref, p.currency) = (NEW.provider, NEW.payment_ref, NEW.currency)
          AND p.refunded_minor + p.lost_minor + p.asked_minor + NEW.amount_minor <= p.amount_minor)
    THEN
        RAISE EXCEPTION 'more would be given back than was paid' USING ERRCODE = 'check_violation', CONSTRAINT = 'refund_fits';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refund_fits BEFORE INSERT ON refund FOR EACH ROW WHEN (NEW.intent_id IS NOT NULL) EXECUTE FUNCTION refund_fits();
