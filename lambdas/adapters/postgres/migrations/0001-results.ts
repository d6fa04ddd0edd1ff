/**
 * Results of jobs. Those of items are partitioned by the first four digits of the ULID in the job's id, which stand for
 * twelve days and ten hours each: every query names a job, and so reads one partition; what expired is dropped, not deleted.
 */
export const results = `
CREATE TABLE job_results (
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  dataset_id text COLLATE "C" NOT NULL,
  dataset_name text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  engine_version text NOT NULL,
  currency text NOT NULL,
  parameters json NOT NULL,
  row_counts json NOT NULL,
  totals json NOT NULL,
  items integer NOT NULL,
  creatives_analysed integer NOT NULL,
  spend double precision,
  actual_overspend double precision,
  engagement_gap_clicks double precision,
  at_risk_creatives integer NOT NULL,
  at_risk_spend double precision,
  replace_creatives integer NOT NULL,
  replace_overspend double precision,
  unknown integer NOT NULL,
  terminal_decline integer NOT NULL,
  fatigued integer NOT NULL,
  early_fatigue integer NOT NULL,
  healthy integer NOT NULL,
  PRIMARY KEY (tenant, job_id)
);
CREATE INDEX job_results_of_dataset ON job_results (tenant, dataset_id, job_id DESC);
CREATE INDEX job_results_by_expiry ON job_results (expires_at);

CREATE TABLE items (
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  block integer NOT NULL,
  id text COLLATE "C" NOT NULL,
  search_name text COLLATE "C" NOT NULL,
  status text NOT NULL,
  excluded text,
  risk_score double precision,
  health_score double precision,
  impressions bigint NOT NULL,
  clicks bigint NOT NULL,
  spend double precision,
  days integer NOT NULL,
  from_day date,
  to_day date,
  actual_overspend double precision,
  actual_overspend_pct double precision,
  engagement_gap_clicks double precision,
  ctr_trend text NOT NULL,
  replace boolean NOT NULL,
  action text,
  change_direction text,
  changed_on date,
  changed_metric text,
  ctr_latest double precision,
  ctr_benchmark double precision,
  has_cpc boolean NOT NULL,
  cpc_latest double precision,
  cpc_benchmark double precision,
  rationale text NOT NULL,
  PRIMARY KEY (tenant, job_id, run, key)
) PARTITION BY RANGE (job_id);
CREATE INDEX items_by_risk ON items (tenant, job_id, run, risk_score DESC NULLS LAST, id);
CREATE INDEX items_by_spend ON items (tenant, job_id, run, spend DESC NULLS LAST, id);
CREATE INDEX items_by_overspend ON items (tenant, job_id, run, actual_overspend DESC NULLS LAST, id);
CREATE INDEX items_by_lost_clicks ON items (tenant, job_id, run, engagement_gap_clicks DESC NULLS LAST, id);
CREATE INDEX items_by_health ON items (tenant, job_id, run, health_score DESC NULLS LAST, id);
CREATE INDEX items_by_id ON items (tenant, job_id, run, id);
CREATE INDEX items_to_act_on ON items (tenant, job_id, run, risk_score DESC NULLS LAST, id) WHERE action IS NOT NULL;

-- What nobody queries, and reads of one item at a time: results and series as JSON, some items together, compressed by who
-- writes them. As columns of their own they would take three times the space, and longer to store than all the rest.
CREATE TABLE item_blocks (
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  block integer NOT NULL,
  packed bytea NOT NULL,
  PRIMARY KEY (tenant, job_id, run, block)
) PARTITION BY RANGE (job_id);
ALTER TABLE item_blocks ALTER packed SET STORAGE EXTERNAL;

CREATE TABLE change_points (
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  metric text NOT NULL,
  number integer NOT NULL,
  day date NOT NULL,
  onset_day date NOT NULL,
  direction text NOT NULL,
  score double precision NOT NULL,
  PRIMARY KEY (tenant, job_id, run, key, metric, number)
) PARTITION BY RANGE (job_id);

-- When the period of a partition is over, from the four digits of its name.
CREATE FUNCTION period_end(digits text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog AS $$
  SELECT to_timestamp((1 + sum((strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', digit) - 1) * 32 ^ (4 - place))) * 32 ^ 6 / 1000)
  FROM regexp_split_to_table(digits, '') WITH ORDINALITY AS d (digit, place)
$$;

-- Makes the partitions that a job's items go to, unless they are there. Attaching takes a weaker lock on the parent than
-- creating in place, so that queries go on.
CREATE FUNCTION prepare_partitions(job_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  digits text := substring(job_id FROM '^job_([0-7][0-9A-HJKMNP-TV-Z]{3})[0-9A-HJKMNP-TV-Z]{22}$');
  parent text;
  part text;
BEGIN
  IF digits IS NULL THEN
    RAISE EXCEPTION '% is not the id of a job', job_id USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF to_regclass('public.items_' || lower(digits)) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('partitions'));
  IF to_regclass('public.items_' || lower(digits)) IS NOT NULL THEN RETURN; END IF;
  FOREACH parent IN ARRAY ARRAY['item_blocks', 'change_points', 'items'] LOOP
    part := parent || '_' || lower(digits);
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', part, parent);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      parent, part, 'job_' || digits, 'job_' || digits || '~');
  END LOOP;
END
$$;

-- Deletes results that expired, and drops the partitions that hold no result any more. A week is left to jobs that
-- were created in a partition's period and are stored only now. A partition that is being read stays until the next time.
-- @returns how many results were deleted
CREATE FUNCTION delete_expired(at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
  deleted bigint;
  digits text;
  parent text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('partitions'));
  DELETE FROM job_results WHERE expires_at <= at;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  FOR digits IN
    SELECT upper(substring(relname FROM '^items_(....)$'))
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'public.items'::regclass
  LOOP
    CONTINUE WHEN period_end(digits) + interval '7 days' > at
      OR EXISTS (SELECT FROM job_results WHERE job_id >= 'job_' || digits AND job_id < 'job_' || digits || '~');
    BEGIN
      FOREACH parent IN ARRAY ARRAY['item_blocks', 'change_points', 'items'] LOOP
        EXECUTE format('DROP TABLE public.%I', parent || '_' || lower(digits));
      END LOOP;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  RETURN deleted;
END
$$;
`;
