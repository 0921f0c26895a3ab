-- Where a business wants to hear of what happened: its endpoints, and each event on its way to each of them.

CREATE TABLE hook (
    id uuid CONSTRAINT pk_hook PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    url text NOT NULL CONSTRAINT ck_hook_url CHECK (url ~ '^https://' AND length(url) <= 2000),
    secret bytea NOT NULL,
    old_secret bytea,
    old_until timestamptz,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    ended_because text,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, created_by) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN hook.secret IS 'sealed; so is old_secret, which signs beside it until old_until';
CREATE INDEX ix_hook_workspace ON hook (workspace_id) WHERE ended_at IS NULL;

CREATE TABLE hook_post (
    hook_id uuid NOT NULL,
    event_id uuid NOT NULL REFERENCES event,
    workspace_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'due' CONSTRAINT ck_hook_post_state CHECK (state IN ('due', 'taken', 'dead')),
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    status integer,
    fault text,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_hook_post PRIMARY KEY (hook_id, event_id),
    FOREIGN KEY (workspace_id, hook_id) REFERENCES hook (workspace_id, id)
);
COMMENT ON COLUMN hook_post.tries IS 'counted when a try begins, and its fence: only the newest try may write its end';
CREATE INDEX ix_hook_post_event_id ON hook_post (event_id);
CREATE INDEX ix_hook_post_told ON hook_post (changed_at) WHERE state <> 'due';
CREATE INDEX ix_hook_post_due ON hook_post (hook_id, due_at) WHERE state = 'due';
