-- Who is here: workspaces, people, and the three credentials, each stored as a hash only.

CREATE TABLE workspace (
    id uuid CONSTRAINT pk_workspace PRIMARY KEY,
    name text NOT NULL,
    zone text NOT NULL DEFAULT 'UTC',
    country text,
    plan text NOT NULL DEFAULT 'self_hosted',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE person (
    id uuid CONSTRAINT pk_person PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CONSTRAINT ck_person_role CHECK (role IN ('owner', 'manager', 'staff')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, email),
    UNIQUE (workspace_id, id)
);

CREATE TABLE api_key (
    id uuid CONSTRAINT pk_api_key PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    last_four text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE login_link (
    id uuid CONSTRAINT pk_login_link PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);

CREATE TABLE portal_session (
    id uuid CONSTRAINT pk_portal_session PRIMARY KEY,
    workspace_id uuid NOT NULL,
    person_id uuid NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
