-- What a person does to many sends at once: written down as a whole first, then carried out one by one by the clock.

CREATE TABLE batch (
    id uuid CONSTRAINT pk_batch PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    deed text NOT NULL CONSTRAINT ck_batch_deed CHECK (deed IN ('replay', 'leave', 'sent', 'again', 'give_up')),
    reason text NOT NULL,
    person_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN batch.id IS 'made by the page that asks: a form that is sent twice is one batch';
CREATE INDEX ix_batch_created_at ON batch (created_at);

CREATE TABLE batch_item (
    workspace_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    done_at timestamptz,
    refusal text,
    CONSTRAINT pk_batch_item PRIMARY KEY (batch_id, intent_id),
    CONSTRAINT ck_batch_item_refusal CHECK (refusal IS NULL OR done_at IS NOT NULL),
    FOREIGN KEY (workspace_id, batch_id) REFERENCES batch (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN batch_item.refusal IS 'why nothing was done to this one; null once it was done';
CREATE INDEX ix_batch_item_intent_id ON batch_item (intent_id);
CREATE INDEX ix_batch_item_open ON batch_item (batch_id, intent_id) WHERE done_at IS NULL;

-- Whether a person left a dead letter as it is, after this attempt.
CREATE FUNCTION was_left(intent uuid, attempted integer) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE RETURN EXISTS (
    SELECT FROM attempt a WHERE a.intent_id = intent AND a.number = attempted AND a.outcome = 'left');
-- What a person left as it is leaves the hot table with the next round.
CREATE INDEX ix_attempt_left ON attempt (intent_id) WHERE outcome = 'left';
