-- Who takes calls in their pages, as they switched it last. Those who are not listed don't.
CREATE TABLE availability (
    person     TEXT PRIMARY KEY,
    available  BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
-- What is known of a caller is looked up while their call rings.
CREATE INDEX calls_by_caller ON calls (caller, started_at);
