-- What a business has used up of its plan, where no other row says so; a row a month.

CREATE TABLE plan_use (
    workspace_id uuid NOT NULL REFERENCES workspace,
    quota text NOT NULL,
    month date NOT NULL,
    used integer NOT NULL CONSTRAINT ck_plan_use_used CHECK (used >= 0),
    CONSTRAINT pk_plan_use PRIMARY KEY (workspace_id, quota, month)
);
