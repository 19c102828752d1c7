-- The same text for SQLite and PostgreSQL. Wall times are integer milliseconds since 1970-01-01 UTC (`_at`);
-- times within a call are integer milliseconds since the conversation began (`_ms`). Ids and JSON are text.

CREATE TABLE calls (
    id          TEXT PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    caller      TEXT,
    called      TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    profile     TEXT NOT NULL,
    -- All empty while the call lasts; a call found so at start was interrupted.
    ended_at    BIGINT,
    duration_ms BIGINT,
    outcome     TEXT,
    recording   TEXT,
    counters    TEXT
);
CREATE INDEX calls_by_start ON calls (started_at);

CREATE TABLE turns (
    call_id     TEXT NOT NULL REFERENCES calls (id),
    turn        BIGINT NOT NULL,
    speaker     TEXT NOT NULL,
    text        TEXT NOT NULL,
    started_ms  BIGINT NOT NULL,
    ended_ms    BIGINT NOT NULL,
    heard       TEXT NOT NULL,
    origin      TEXT NOT NULL,
    stages      TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    PRIMARY KEY (call_id, turn)
);

CREATE TABLE events (
    id          TEXT PRIMARY KEY,
    call_id     TEXT NOT NULL REFERENCES calls (id),
    at_ms       BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    detail      TEXT NOT NULL
);
CREATE INDEX events_by_call ON events (call_id, at_ms);

CREATE TABLE slots (
    call_id     TEXT NOT NULL REFERENCES calls (id),
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    evidence    TEXT NOT NULL,
    confirmed   BIGINT NOT NULL,
    PRIMARY KEY (call_id, name)
);

-- A lead's details are its call's slots, which no longer change once the call has ended.
CREATE TABLE leads (
    id          TEXT PRIMARY KEY,
    call_id     TEXT NOT NULL UNIQUE REFERENCES calls (id),
    created_at  BIGINT NOT NULL
);
CREATE INDEX leads_by_creation ON leads (created_at);

-- The outbox. While `state` is `sending`, `due_at` is when the claim runs out.
CREATE TABLE texts (
    dedupe_key  TEXT PRIMARY KEY,
    call_id     TEXT NOT NULL REFERENCES calls (id),
    recipient   TEXT NOT NULL,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempt     BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    accepted_at BIGINT,
    provider_id TEXT,
    why         TEXT
);
CREATE UNIQUE INDEX texts_one_per_call ON texts (call_id);
CREATE INDEX texts_by_due ON texts (state, due_at);
CREATE INDEX texts_by_recipient ON texts (recipient, created_at);

-- What the provider reported. Apart from `texts`, as a report may come before its text is marked accepted.
CREATE TABLE text_statuses (
    provider_id TEXT PRIMARY KEY,
    status      TEXT NOT NULL,
    rank        BIGINT NOT NULL
);

CREATE TABLE opt_outs (
    number      TEXT PRIMARY KEY,
    since_at    BIGINT NOT NULL
);
