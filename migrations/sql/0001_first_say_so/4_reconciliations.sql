-- What a comparison of the books with the provider's own lists found, one row for each business and run. Nothing else is written by a comparison.
CREATE TABLE reconciliation (
    id uuid CONSTRAINT pk_reconciliation PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    provider text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    compared integer NOT NULL,
    many integer NOT NULL,
    differences jsonb NOT NULL,
    ran_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN reconciliation.differences IS 'the first hundred of `many`: what, ref, kind, here, there and the currency; amounts as decimals';
CREATE INDEX ix_reconciliation_workspace_id ON reconciliation (workspace_id, ran_at);
