-- Executions that finished move to partitions by time. Nobody may write meanwhile: what is not copied would be lost. No version
-- of Sluice with data worth many rows was ever released, so copying them here holds the lock for a moment only.
LOCK TABLE "executions", "attempts" IN ACCESS EXCLUSIVE MODE;
--> statement-breakpoint
CREATE SEQUENCE "public"."executions_sequence" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;
--> statement-breakpoint
SELECT setval('executions_sequence', coalesce((SELECT max("sequence") FROM "executions"), 0) + 1, false);
--> statement-breakpoint
CREATE TABLE "finished_executions" (
	"id" uuid NOT NULL,
	"function_id" uuid NOT NULL,
	"state" text NOT NULL,
	"sequence" bigint DEFAULT nextval('executions_sequence') NOT NULL,
	"environment_id" uuid NOT NULL,
	"arguments" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"schedule_for" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"discard_after" timestamp with time zone,
	"executed_by" text DEFAULT 'api' NOT NULL,
	"rerun_of" uuid,
	"attempt" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"version_id" uuid,
	"worker_id" text,
	"attempts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"result" text,
	"error" text,
	"error_code" text,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "finished_executions_id_finished_at_pk" PRIMARY KEY("id","finished_at"),
	CONSTRAINT "finished_executions_state" CHECK (state in ('succeeded', 'failed', 'cancelled', 'aborted', 'discarded')),
	CONSTRAINT "finished_executions_failed_has_error" CHECK (state <> 'failed' or error is not null)
) PARTITION BY RANGE ("finished_at");
--> statement-breakpoint
-- For what finishes while nobody keeps partitions ready.
CREATE TABLE "finished_executions_rest" PARTITION OF "finished_executions" DEFAULT;
--> statement-breakpoint
CREATE TABLE "live_executions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"function_id" uuid NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"sequence" bigint DEFAULT nextval('executions_sequence') NOT NULL,
	"environment_id" uuid NOT NULL,
	"arguments" text NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"schedule_for" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"discard_after" timestamp with time zone,
	"executed_by" text DEFAULT 'api' NOT NULL,
	"rerun_of" uuid,
	"attempt" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"version_id" uuid,
	"worker_id" text,
	"attempts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"token" uuid,
	"lease_until" timestamp with time zone,
	"attempt_reason" text,
	"attempt_started_at" timestamp with time zone,
	CONSTRAINT "executions_state" CHECK (state in ('queued', 'running', 'aborting')),
	CONSTRAINT "executions_leased_while_running" CHECK ((token is not null and lease_until is not null and attempt_started_at is not null) = (state in ('running', 'aborting')))
);
--> statement-breakpoint
-- Rows come, change twice and go: what they leave behind is to be cleared early and at full speed.
ALTER TABLE "live_executions" SET (
	autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
	autovacuum_analyze_scale_factor = 0.1, autovacuum_analyze_threshold = 1000
);
--> statement-breakpoint
INSERT INTO "live_executions"
SELECT e."id", e."function_id", e."state", e."sequence", e."environment_id", e."arguments", e."metadata", e."schedule_for", e."due_at",
	e."discard_after", e."executed_by", e."rerun_of", e."attempt", e."retries", e."crashes", e."version_id", e."worker_id",
	coalesce(ended."attempts", '[]'), e."created_at", e."updated_at", e."started_at", e."token", e."lease_until",
	current."reason", current."started_at"
FROM "executions" e
LEFT JOIN LATERAL (
	SELECT jsonb_agg(jsonb_build_object('number', a."number", 'state', a."state", 'reason', a."reason", 'versionId', a."version_id",
		'workerId', a."worker_id", 'startedAt', a."started_at", 'finishedAt', a."finished_at", 'error', a."error",
		'code', a."error_code") ORDER BY a."number") AS "attempts"
	FROM "attempts" a WHERE a."execution_id" = e."id" AND a."state" <> 'running'
) ended ON true
LEFT JOIN "attempts" current ON current."execution_id" = e."id" AND current."state" = 'running'
WHERE e."state" IN ('queued', 'running', 'aborting');
--> statement-breakpoint
INSERT INTO "finished_executions"
SELECT e."id", e."function_id", e."state", e."sequence", e."environment_id", e."arguments", e."metadata", e."schedule_for", e."due_at",
	e."discard_after", e."executed_by", e."rerun_of", e."attempt", e."retries", e."crashes", e."version_id", e."worker_id",
	coalesce(ended."attempts", '[]'), e."created_at", e."updated_at", e."started_at", e."result", e."error", e."error_code",
	e."finished_at"
FROM "executions" e
LEFT JOIN LATERAL (
	SELECT jsonb_agg(jsonb_build_object('number', a."number", 'state', a."state", 'reason', a."reason", 'versionId', a."version_id",
		'workerId', a."worker_id", 'startedAt', a."started_at", 'finishedAt', a."finished_at", 'error', a."error",
		'code', a."error_code") ORDER BY a."number") AS "attempts"
	FROM "attempts" a WHERE a."execution_id" = e."id"
) ended ON true
WHERE e."finished_at" IS NOT NULL;
--> statement-breakpoint
DROP TABLE "attempts";
--> statement-breakpoint
DROP TABLE "executions";
--> statement-breakpoint
ALTER TABLE "live_executions" ADD CONSTRAINT "live_executions_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "finished_executions_listed" ON "finished_executions" USING btree ("environment_id","sequence");
--> statement-breakpoint
CREATE INDEX "executions_due" ON "live_executions" USING btree ("function_id","due_at","sequence") WHERE state = 'queued';
--> statement-breakpoint
CREATE INDEX "executions_running" ON "live_executions" USING btree ("function_id") WHERE state in ('running', 'aborting');
--> statement-breakpoint
CREATE INDEX "executions_discard" ON "live_executions" USING btree ("discard_after") WHERE state = 'queued' and discard_after is not null;
--> statement-breakpoint
CREATE INDEX "executions_listed" ON "live_executions" USING btree ("environment_id","sequence");
--> statement-breakpoint
CREATE VIEW "public"."executions" AS (
  select id, function_id, state, sequence, environment_id, arguments, metadata, schedule_for, due_at, discard_after, executed_by, rerun_of, attempt, retries, crashes, version_id, worker_id, attempts, created_at, updated_at, started_at, attempt_reason, attempt_started_at,
    null::text as result, null::text as error, null::text as error_code, null::timestamptz as finished_at
  from live_executions
  union all
  select id, function_id, state, sequence, environment_id, arguments, metadata, schedule_for, due_at, discard_after, executed_by, rerun_of, attempt, retries, crashes, version_id, worker_id, attempts, created_at, updated_at, started_at, null::text, null::timestamptz, result, error, error_code, finished_at
  from finished_executions
);