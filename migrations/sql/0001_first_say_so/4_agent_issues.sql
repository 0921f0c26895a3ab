-- What agents report of this server, for whoever operates it.

CREATE TABLE agent_issue (
    id uuid CONSTRAINT pk_agent_issue PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    key_id uuid NOT NULL,
    severity text NOT NULL CONSTRAINT ck_agent_issue_severity CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    area text NOT NULL,
    title text NOT NULL,
    told jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, key_id) REFERENCES api_key (workspace_id, id)
);
CREATE INDEX ix_agent_issue_workspace_id_created_at ON agent_issue (workspace_id, created_at DESC);
