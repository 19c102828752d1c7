-- Calls that we began, and which call each of them returns.
ALTER TABLE calls ADD COLUMN outgoing BIGINT NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN returns TEXT;

-- Callers of the queues who were promised a call. A row is there until the promise is kept or given up.
CREATE TABLE callbacks (
    call_id       TEXT PRIMARY KEY REFERENCES calls (id),
    queue         TEXT NOT NULL,
    number        TEXT NOT NULL,
    priority      BIGINT NOT NULL,
    failed        BIGINT NOT NULL,
    asked_at      BIGINT NOT NULL,
    not_before_at BIGINT,
    until_at      BIGINT NOT NULL
);

-- Beside the text to the caller there may be a notice to the owner.
ALTER TABLE texts ADD COLUMN kind TEXT NOT NULL DEFAULT 'text_back';
DROP INDEX texts_one_per_call;
CREATE UNIQUE INDEX texts_one_of_a_kind ON texts (call_id, kind);
