-- What customers owe. What became of an invoice is read from what was sent, paid and voided, and kept nowhere else.

CREATE TABLE invoice_number (
    workspace_id uuid CONSTRAINT pk_invoice_number PRIMARY KEY REFERENCES workspace,
    last bigint NOT NULL CONSTRAINT ck_invoice_number_last CHECK (last >= 0)
);
COMMENT ON TABLE invoice_number IS 'the last number given in a workspace: numbers have no gap, for each is given with its invoice';

CREATE TABLE invoice (
    id uuid CONSTRAINT pk_invoice PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    number bigint NOT NULL,
    account_id uuid NOT NULL,
    booking_id uuid,
    lines jsonb NOT NULL CONSTRAINT ck_invoice_lines CHECK (jsonb_array_length(lines) BETWEEN 1 AND 100),
    total_minor bigint NOT NULL CONSTRAINT ck_invoice_total CHECK (total_minor BETWEEN 0 AND 99999999999),
    currency text NOT NULL CONSTRAINT ck_invoice_currency CHECK (currency ~ '^[A-Z]{3}$'),
    due_date date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    voided_at timestamptz,
    void_reason text,
    billed_at timestamptz,
    chased smallint NOT NULL DEFAULT 0,
    UNIQUE (workspace_id, number),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id)
);
COMMENT ON COLUMN invoice.billed_at IS 'when the bill went out, once the send that says so is forgotten';
COMMENT ON COLUMN invoice.chased IS 'the highest stage of being overdue for which a reminder was drafted: none is drafted twice, whatever is forgotten';
COMMENT ON COLUMN invoice.lines IS 'description, quantity, unitMinor and totalMinor of each; never changed';
CREATE INDEX ix_invoice_due_date ON invoice (due_date) WHERE voided_at IS NULL;
CREATE INDEX ix_invoice_account_id ON invoice (workspace_id, account_id);
CREATE UNIQUE INDEX uq_invoice_booking_id ON invoice (booking_id) WHERE booking_id IS NOT NULL AND voided_at IS NULL;

ALTER TABLE payment ADD FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id);
CREATE INDEX ix_payment_invoice_id ON payment (invoice_id) WHERE invoice_id IS NOT NULL;

CREATE TABLE invoice_send (
    workspace_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    says text NOT NULL CONSTRAINT ck_invoice_send_says CHECK (says IN ('bill', 'void', 'overdue')),
    CONSTRAINT pk_invoice_send PRIMARY KEY (invoice_id, intent_id),
    FOREIGN KEY (workspace_id, invoice_id) REFERENCES invoice (workspace_id, id),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_invoice_send_intent_id ON invoice_send (intent_id);

-- What a person writes in other words before approving says the same about the invoice: it is billed, void or reminded of by the version that leaves.
CREATE FUNCTION invoice_said_otherwise() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.invoice_send (workspace_id, invoice_id, intent_id, says)
    SELECT t.workspace_id, t.invoice_id, n.intent_id, t.says
    FROM public.approval a
    JOIN public.approval_item n ON n.approval_id = a.id
    JOIN public.approval_item o ON o.approval_id = a.supersedes AND o.position = n.position
    JOIN public.invoice_send t ON t.intent_id = o.intent_id
    WHERE a.supersedes = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER invoice_said_otherwise AFTER UPDATE ON approval FOR EACH ROW
WHEN (NEW.state = 'superseded' AND OLD.state <> 'superseded') EXECUTE FUNCTION invoice_said_otherwise();

-- An invoice with what became of it: once paid it stays paid, whatever of it was given back. Telling the customer that it is void is what a person approves, and with that it is void.
CREATE VIEW invoice_now WITH (security_invoker = true) AS
SELECT i.*, coalesce(p.paid_minor, 0) AS paid_minor, coalesce(p.refunded_minor, 0) AS refunded_minor, p.paid_at,
    coalesce(i.billed_at, s.sent_at) AS sent_at, (i.voided_at IS NOT NULL OR coalesce(s.is_void, false)) AS is_void,
    CASE WHEN i.voided_at IS NOT NULL OR coalesce(s.is_void, false) THEN 'void' WHEN coalesce(p.paid_minor, 0) >= i.total_minor THEN 'paid'
        WHEN coalesce(i.billed_at, s.sent_at) IS NOT NULL THEN 'sent' WHEN coalesce(s.waits, false) THEN 'sending' ELSE 'draft' END AS status
FROM invoice i
LEFT JOIN LATERAL (
    SELECT sum(y.amount_minor) AS paid_minor, sum(y.refunded_minor) AS refunded_minor, max(y.paid_at) AS paid_at FROM payment_now y WHERE y.invoice_id = i.id
) p ON true
LEFT JOIN LATERAL (
    SELECT min(d.changed_at) FILTER (WHERE t.says = 'bill' AND d.state IN ('sent', 'delivered')) AS sent_at,
        bool_or(t.says = 'void' AND g.id IS NOT NULL) AS is_void,
        bool_or(t.says = 'bill' AND d.state IN ('held', 'ready', 'blocked', 'calling', 'in_doubt')) AS waits
    FROM invoice_send t JOIN every_delivery d ON d.intent_id = t.intent_id LEFT JOIN grants g ON g.intent_id = t.intent_id
    WHERE t.invoice_id = i.id
) s ON true;
