-- Who may sign in. `name` is in lower case; `person` is a name of the configuration, and `role` is `owner` or `agent`.
CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    person        TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Of tokens only the SHA-256 is kept, so that who reads the database can't sign in by it.
CREATE TABLE sign_ins (
    token_hash TEXT PRIMARY KEY,
    user_name  TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_user ON sign_ins (user_name);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

-- Links that make one user each. Without a person, whoever follows it chooses one.
CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY,
    role       TEXT NOT NULL,
    person     TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who was rung by a call, and whether they took it. Ids of calls grow with time: the latest ones are read by the index.
CREATE TABLE call_people (
    call_id TEXT NOT NULL REFERENCES calls (id),
    person  TEXT NOT NULL,
    took    BIGINT NOT NULL,
    PRIMARY KEY (call_id, person)
);
CREATE INDEX call_people_by_person ON call_people (person, call_id);
