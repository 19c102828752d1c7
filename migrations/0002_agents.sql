-- Who takes calls of the queues. Those who are not listed are on duty.
CREATE TABLE agents (
    person      TEXT PRIMARY KEY,
    logged_in   BIGINT NOT NULL,
    paused      BIGINT NOT NULL,
    state       TEXT NOT NULL,
    changed_at  BIGINT NOT NULL
);
