-- One message to many, kept before it is asked for; what became of it is read from its request.

CREATE TABLE campaign (
    id uuid CONSTRAINT pk_campaign PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    channel text NOT NULL CONSTRAINT ck_campaign_channel CHECK (channel IN ('whatsapp', 'sms', 'email')),
    words jsonb NOT NULL,
    audience jsonb NOT NULL,
    written_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    approval_id uuid UNIQUE,
    asked_at timestamptz,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, approval_id) REFERENCES approval (workspace_id, id) ON DELETE SET NULL (approval_id),
    CONSTRAINT ck_campaign_asked_at CHECK (approval_id IS NULL OR asked_at IS NOT NULL)
);
COMMENT ON COLUMN campaign.asked_at IS 'when its approval was asked for: a campaign is asked for once, unless nobody approved it';
CREATE INDEX ix_campaign_workspace_id ON campaign (workspace_id, id);
