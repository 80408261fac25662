-- The schema as it grew: `customer` holds integers and `device` GUIDs, both as text; the key is a mere counter, and the
-- query that is asked most has no index.
CREATE TABLE customer (
  id integer PRIMARY KEY,
  name text NOT NULL,
  plan text NOT NULL
);

CREATE TABLE reading (
  id bigserial PRIMARY KEY,
  customer text NOT NULL,
  device text NOT NULL,
  value double precision NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
