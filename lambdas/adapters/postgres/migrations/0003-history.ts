/**
 * Daily totals of datasets over all their uploads, kept as long as the tenant is. One row holds the days of one item: a
 * sixth of the space of a row for each day, and items are always read and written whole. Partitioned by tenant, so that
 * no index holds all tenants.
 */
export const history = `
CREATE TABLE histories (
  tenant text COLLATE "C" NOT NULL,
  dataset_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (tenant, dataset_id)
);

-- Whose figures a day has: those of the upload with the last job.
CREATE TABLE history_days (
  tenant text COLLATE "C" NOT NULL,
  dataset_id text COLLATE "C" NOT NULL,
  day date NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, dataset_id, day)
);

CREATE TABLE history_items (
  tenant text COLLATE "C" NOT NULL,
  dataset_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  days date[] NOT NULL,
  impressions bigint[] NOT NULL,
  clicks bigint[] NOT NULL,
  spend_micros bigint[] NOT NULL,
  content_hash text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (tenant, dataset_id, key)
) PARTITION BY HASH (tenant);
DO $$
BEGIN
  FOR part IN 0..7 LOOP
    EXECUTE format(
      'CREATE TABLE history_items_%s PARTITION OF history_items FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
  END LOOP;
END
$$;

GRANT SELECT ON histories, history_days, history_items TO reader, writer;
GRANT INSERT, UPDATE, DELETE ON histories, history_days, history_items TO writer;
`;
