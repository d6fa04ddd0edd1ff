/**
 * The roles that functions log in as, with no more than they need. Settings stand on the roles: a `SET` in a session would
 * tie the session to its connection behind RDS Proxy.
 */
export const roles = `
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['writer', 'reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', name);
    END IF;
    EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', name, '30s');
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, '30s');
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), name);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
    -- Only RDS has this role; its members log in with tokens of IAM.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
      EXECUTE format('GRANT rds_iam TO %I', name);
    END IF;
  END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION begin_result(text, text, integer), prepare_partitions(text), delete_expired(timestamptz) FROM PUBLIC;
GRANT SELECT ON stored_runs, job_results, items, item_blocks, change_points TO reader, writer;
-- Whoever writes items locks the row of their run.
GRANT UPDATE (run), DELETE ON stored_runs TO writer;
GRANT INSERT, DELETE ON items, item_blocks, change_points TO writer;
GRANT INSERT, UPDATE, DELETE ON job_results TO writer;
GRANT EXECUTE ON FUNCTION begin_result(text, text, integer), delete_expired(timestamptz) TO writer;
`;
