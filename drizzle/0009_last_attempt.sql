DROP VIEW "public"."executions";--> statement-breakpoint
ALTER TABLE "finished_executions" ADD COLUMN "attempt_state" text;--> statement-breakpoint
ALTER TABLE "finished_executions" ADD COLUMN "attempt_reason" text;--> statement-breakpoint
ALTER TABLE "finished_executions" ADD COLUMN "attempt_started_at" timestamp with time zone;--> statement-breakpoint
CREATE VIEW "public"."executions" AS (
  select id, function_id, state, sequence, environment_id, arguments, metadata, schedule_for, due_at, discard_after, executed_by, rerun_of, attempt, retries, crashes, version_id, worker_id, created_at, updated_at, started_at, attempts, attempt_reason, attempt_started_at,
    null::text as result, null::text as error, null::text as error_code, null::timestamptz as finished_at
  from live_executions
  union all
  select id, function_id, state, sequence, environment_id, arguments, metadata, schedule_for, due_at, discard_after, executed_by, rerun_of, attempt, retries, crashes, version_id, worker_id, created_at, updated_at, started_at, case when attempt_state is null then attempts else attempts || jsonb_build_object(
  'number', attempt, 'state', attempt_state, 'reason', attempt_reason, 'versionId', version_id, 'workerId', worker_id,
  'startedAt', attempt_started_at, 'finishedAt', finished_at, 'error', error, 'code', error_code
) end,
    null::text, null::timestamptz, result, error, error_code, finished_at
  from finished_executions
);