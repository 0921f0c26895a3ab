-- How the workspace's own people are written to: where and when they wish it, when they last were, and letters that name several requests.

CREATE TABLE reach (
    person_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    channel text NOT NULL DEFAULT 'email' CONSTRAINT ck_reach_channel CHECK (channel IN ('email', 'sms', 'whatsapp')),
    quiet_from time,
    quiet_to time,
    CONSTRAINT pk_reach PRIMARY KEY (workspace_id, person_id),
    CONSTRAINT ck_reach_quiet CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN reach.quiet_from IS 'on the clock of the business; from and to may lie on both sides of midnight';

CREATE TABLE postbox (
    person_id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    last_at timestamptz NOT NULL,
    hour_from timestamptz NOT NULL,
    this_hour integer NOT NULL DEFAULT 1,
    CONSTRAINT pk_postbox PRIMARY KEY (workspace_id, person_id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON TABLE postbox IS 'whoever writes a person about requests takes a turn in this row first, so that two who write at once write once';

CREATE TABLE bundle (
    id uuid CONSTRAINT pk_bundle PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    tries integer NOT NULL DEFAULT 0 CONSTRAINT ck_bundle_tries CHECK (tries BETWEEN 0 AND 5),
    expires_at timestamptz NOT NULL,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN bundle.tries IS 'wrong codes over all links of the letter, for they share one code';

ALTER TABLE link ADD COLUMN bundle_id uuid, ADD COLUMN notice_id uuid, ADD COLUMN reminds boolean NOT NULL DEFAULT false,
    ADD FOREIGN KEY (workspace_id, bundle_id) REFERENCES bundle (workspace_id, id);
COMMENT ON COLUMN link.notice_id IS 'the letter that carries it, which does not leave any more when all its links have ended';
COMMENT ON COLUMN link.reminds IS 'whether it was written in the last part of its request''s time';
CREATE INDEX ix_link_notice_id ON link (notice_id) WHERE notice_id IS NOT NULL;
CREATE INDEX ix_link_bundle_id ON link (bundle_id) WHERE bundle_id IS NOT NULL;

-- What waits for whom without a letter about it yet, and what is to be remembered because its time runs out.
CREATE VIEW unsaid WITH (security_invoker = true) AS
SELECT a.id AS approval_id, p.id AS person_id, a.workspace_id, a.expires_at, a.created_at, t.is_late
FROM approval a
JOIN person p ON p.workspace_id = a.workspace_id AND p.ended_at IS NULL
    AND (p.role IN ('owner', 'manager') OR EXISTS (SELECT FROM stands_for(p.id)))
CROSS JOIN LATERAL (SELECT a.expires_at - a.created_at >= interval '30 min'
    AND a.expires_at - now() <= greatest((a.expires_at - a.created_at) / 4, interval '10 min') AS is_late) t
WHERE a.state = 'pending' AND a.expires_at > now() + interval '1 min'
  AND NOT EXISTS (SELECT FROM vote v WHERE v.approval_id = a.id AND v.person_id = p.id)
  AND NOT EXISTS (SELECT FROM link l WHERE l.approval_id = a.id AND l.person_id = p.id AND (l.reminds OR NOT t.is_late));
