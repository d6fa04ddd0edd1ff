/**
 * Results of jobs. What there is of items stands under a number for each run of a job, whose tenant is written in one place:
 * the row of `stored_runs`, or of `job_results` where it is shown. The high bits of the number are the first four digits
 * of the ULID in the job's id, which stand for twelve days and ten hours each. Partitions go by them: a query that names
 * a job reads one, and what expired is dropped, not deleted.
 */
export const results = `
-- The number that the four digits of a period stand for.
CREATE FUNCTION period_number(digits text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog AS $$
  SELECT sum((strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', digit) - 1) * 32 ^ (4 - place))::bigint
  FROM regexp_split_to_table(digits, '') WITH ORDINALITY AS d (digit, place)
$$;

CREATE FUNCTION period_end(digits text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, public AS $$
  SELECT to_timestamp((1 + period_number(digits)) * 32 ^ 6 / 1000)
$$;

-- Results of a job have numbers from the first of these on and below the second, which all jobs of its period share.
CREATE FUNCTION results_from(job_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, public AS $$
  SELECT period_number(substring(job_id FROM 5 FOR 4)) << 32
$$;
CREATE FUNCTION results_to(job_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, public AS $$
  SELECT results_from(job_id) + (1::bigint << 32)
$$;

-- Runs that have items, whether readers are shown them or not.
CREATE TABLE stored_runs (
  result_id bigint PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  UNIQUE (tenant, job_id, run)
);
CREATE SEQUENCE result_numbers AS bigint MAXVALUE 4294967295 OWNED BY stored_runs.result_id;

CREATE TABLE job_results (
  tenant text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL,
  run integer NOT NULL,
  result_id bigint NOT NULL REFERENCES stored_runs,
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
-- Not unique, though no two jobs share one: two who publish the same run at once are settled by the primary key alone.
CREATE INDEX job_results_of_run ON job_results (result_id);
CREATE INDEX job_results_of_dataset ON job_results (tenant, dataset_id, job_id DESC);
CREATE INDEX job_results_by_expiry ON job_results (expires_at);

CREATE TABLE items (
  result_id bigint NOT NULL,
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
  PRIMARY KEY (result_id, key)
) PARTITION BY RANGE (result_id);
CREATE INDEX items_by_risk ON items (result_id, risk_score DESC NULLS LAST, id);
CREATE INDEX items_by_spend ON items (result_id, spend DESC NULLS LAST, id);
CREATE INDEX items_by_overspend ON items (result_id, actual_overspend DESC NULLS LAST, id);
CREATE INDEX items_by_lost_clicks ON items (result_id, engagement_gap_clicks DESC NULLS LAST, id);
CREATE INDEX items_by_health ON items (result_id, health_score DESC NULLS LAST, id);
CREATE INDEX items_by_id ON items (result_id, id);
CREATE INDEX items_to_act_on ON items (result_id, risk_score DESC NULLS LAST, id) WHERE action IS NOT NULL;

-- What nobody queries, and reads of one item at a time: results and series as JSON, some items together, compressed by who
-- writes them. As columns of their own they would take three times the space, and longer to store than all the rest.
CREATE TABLE item_blocks (
  result_id bigint NOT NULL,
  block integer NOT NULL,
  packed bytea NOT NULL,
  PRIMARY KEY (result_id, block)
) PARTITION BY RANGE (result_id);
ALTER TABLE item_blocks ALTER packed SET STORAGE EXTERNAL;

CREATE TABLE change_points (
  result_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  metric text NOT NULL,
  number integer NOT NULL,
  day date NOT NULL,
  onset_day date NOT NULL,
  direction text NOT NULL,
  score double precision NOT NULL,
  PRIMARY KEY (result_id, key, metric, number)
) PARTITION BY RANGE (result_id);

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
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)',
      parent, part, results_from('job_' || digits), results_to('job_' || digits));
  END LOOP;
END
$$;

-- Makes sure of a number for the items of a run, the same each time, and of the partitions that they go to.
-- Here, because a statement that draws from a sequence would tie the session to its connection behind RDS Proxy.
CREATE FUNCTION begin_result(of_tenant text, of_job text, of_run integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  number bigint;
BEGIN
  PERFORM prepare_partitions(of_job);
  INSERT INTO stored_runs (result_id, tenant, job_id, run)
  VALUES (results_from(of_job) + nextval('result_numbers'), of_tenant, of_job, of_run)
  ON CONFLICT (tenant, job_id, run) DO UPDATE SET run = EXCLUDED.run
  RETURNING result_id INTO number;
  RETURN number;
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
      DELETE FROM stored_runs
      WHERE result_id >= results_from('job_' || digits) AND result_id < results_to('job_' || digits);
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  RETURN deleted;
END
$$;
`;
