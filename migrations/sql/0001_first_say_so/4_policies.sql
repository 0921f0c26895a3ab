-- What people have set of the policies, day by day budgets, and standing approvals.

CREATE TABLE policy_setting (
    id uuid CONSTRAINT pk_policy_setting PRIMARY KEY,
    workspace_id uuid NOT NULL,
    policy text NOT NULL,
    version integer NOT NULL,
    settings jsonb NOT NULL,
    set_by uuid NOT NULL,
    set_by_name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, set_by) REFERENCES person (workspace_id, id)
);
COMMENT ON TABLE policy_setting IS 'never changed: the newest row of a policy counts';
CREATE INDEX ix_policy_setting_workspace_id_policy_id ON policy_setting (workspace_id, policy, id DESC);

-- Whom something was ever approved for.
CREATE INDEX ix_content_recipient ON content (recipient, workspace_id);
