-- Taking money and giving it back. The provider's word makes a payment or a refund; what we only asked for is an intent.

-- A payment page was made ready at the provider: each of them is one intent, and takes the money of one invoice once.
CREATE TABLE checkout (
    intent_id uuid CONSTRAINT pk_checkout PRIMARY KEY,
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT ck_checkout_amount CHECK (amount_minor > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN checkout.closed_at IS 'when the provider was asked to close it, because nothing is to be paid on it any more';
CREATE INDEX ix_checkout_invoice_id ON checkout (invoice_id, created_at);
CREATE INDEX ix_checkout_created_at ON checkout (created_at) WHERE closed_at IS NULL;

-- The pages that are there and not to be paid any more: of what is paid or void, for another amount than is owed, or with a newer one beside them.
CREATE VIEW page_spent WITH (security_invoker = true) AS
SELECT k.*, i.lane, m.provider_ref AS page FROM checkout k
JOIN invoice_now n ON n.workspace_id = k.workspace_id AND n.id = k.invoice_id
JOIN intent i ON i.id = k.intent_id
JOIN every_delivery d ON d.intent_id = k.intent_id AND d.state IN ('sent', 'delivered')
JOIN LATERAL (SELECT a.provider_ref FROM attempt a WHERE a.intent_id = k.intent_id AND a.provider_ref IS NOT NULL ORDER BY a.id DESC LIMIT 1) m ON true
WHERE n.status IN ('paid', 'void') OR k.amount_minor <> n.total_minor - n.paid_minor OR EXISTS (
    SELECT FROM checkout l WHERE l.invoice_id = k.invoice_id AND (l.created_at, l.intent_id) > (k.created_at, k.intent_id));

CREATE TABLE payment_link (
    id uuid CONSTRAINT pk_payment_link PRIMARY KEY,
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id)
);
CREATE INDEX ix_payment_link_invoice_id ON payment_link (invoice_id);

-- What needs no approval because by itself it reaches nobody: a payment page of an invoice that is still to be paid, for what is still owed
-- at most, and the pretended payment on such a page, which only the sandbox knows; and the end of a page that is not to be paid any more.
CREATE FUNCTION reaches_nobody(asked uuid, whose uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.intent i
        JOIN public.content c ON c.intent_id = i.id AND NOT c.sealed AND sha256(c.snapshot) = i.digest
        JOIN public.invoice_now n ON n.workspace_id = i.workspace_id AND c.recipient = 'inv_' || replace(n.id::text, '-', '') AND n.status NOT IN ('paid', 'void')
        CROSS JOIN LATERAL (SELECT convert_from(c.snapshot, 'UTF8')::json->'content' AS said) s
        WHERE i.id = asked AND i.workspace_id = whose
          AND (i.kind = 'payment_link' AND i.lane LIKE 'payments:%' OR i.kind = 'pretend_payment' AND i.lane = 'payments:sandbox')
          AND (s.said->>'amount_minor')::bigint <= n.total_minor - n.paid_minor AND s.said->>'currency' = n.currency)
    OR EXISTS (
        SELECT FROM public.intent i
        JOIN public.content c ON c.intent_id = i.id AND NOT c.sealed AND sha256(c.snapshot) = i.digest
        JOIN public.page_spent p ON p.workspace_id = i.workspace_id AND p.lane = i.lane AND c.recipient = 'inv_' || replace(p.invoice_id::text, '-', '')
        WHERE i.id = asked AND i.workspace_id = whose AND i.kind = 'page_closing' AND i.lane LIKE 'payments:%'
          AND p.page = convert_from(c.snapshot, 'UTF8')::json->'content'->>'page')
$$;
