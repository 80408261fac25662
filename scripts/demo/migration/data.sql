-- Customers, devices and readings, the same in every run:
--   psql -v customers=500 -v devices=5000 -v readings=200000 -f data.sql
-- Device d is md5('device d') as a GUID and belongs to customer 1 + d % customers.
INSERT INTO customer (id, name, plan)
SELECT n, 'Customer ' || n, (ARRAY['free', 'team', 'enterprise'])[1 + n % 3]
FROM generate_series(1, :customers) AS n;

INSERT INTO reading (customer, device, value, received_at)
SELECT (1 + d % :customers)::text, md5('device ' || d)::uuid::text, (n % 1000) / 10.0,
       timestamptz '2026-01-01' + n * interval '1 second'
FROM (SELECT n, (n::bigint * 7919) % :devices AS d FROM generate_series(1, :readings) AS n) AS readings;

VACUUM (ANALYZE) customer;
VACUUM (ANALYZE) reading;
CHECKPOINT;
