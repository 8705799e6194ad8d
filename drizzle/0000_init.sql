CREATE TABLE "build_logs" (
	"build_id" uuid NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "build_logs_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"stage" text NOT NULL,
	"line" text NOT NULL,
	CONSTRAINT "build_logs_build_id_sequence_pk" PRIMARY KEY("build_id","sequence")
);
--> statement-breakpoint
CREATE TABLE "builds" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"environment_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"sha" text NOT NULL,
	"ref" text NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"author" text DEFAULT '' NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"manifest" jsonb,
	"failure" jsonb,
	"install_cached" boolean,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "builds_number" UNIQUE("environment_id","number"),
	CONSTRAINT "builds_state" CHECK (state in ('queued', 'fetching', 'installing', 'generating', 'compiling', 'publishing', 'succeeded', 'failed', 'cancelled', 'superseded')),
	CONSTRAINT "builds_finished" CHECK ((finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled', 'superseded'))),
	CONSTRAINT "builds_succeeded_has_manifest" CHECK (state <> 'succeeded' or manifest is not null)
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"repository_id" bigint NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"branch" text NOT NULL,
	"root" text DEFAULT '.' NOT NULL,
	"production" boolean DEFAULT false NOT NULL,
	"crons" boolean DEFAULT true NOT NULL,
	"pull_number" integer,
	"mode" text DEFAULT 'normal' NOT NULL,
	"active_build_id" uuid,
	"closed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "environments_name" UNIQUE("repository_id","name"),
	CONSTRAINT "environments_kind" CHECK (kind in ('branch', 'preview')),
	CONSTRAINT "environments_mode" CHECK (mode in ('normal', 'preparing_for_stop', 'safe_to_stop')),
	CONSTRAINT "environments_preview_has_pull" CHECK ((kind = 'preview') = (pull_number is not null)),
	CONSTRAINT "environments_preview_not_production" CHECK (not (kind = 'preview' and production))
);
--> statement-breakpoint
CREATE TABLE "repositories" (
	"id" bigint PRIMARY KEY NOT NULL,
	"installation_id" bigint NOT NULL,
	"owner" text NOT NULL,
	"name" text NOT NULL,
	"default_branch" text NOT NULL,
	"private" boolean NOT NULL,
	"config" jsonb,
	"config_sha" text,
	"config_problems" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"config_problems_sha" text,
	"removed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"environment_id" uuid NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"execution_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"reason" text NOT NULL,
	"version_id" uuid NOT NULL,
	"worker_id" text NOT NULL,
	"error" text,
	"error_code" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "attempts_number" UNIQUE("execution_id","number"),
	CONSTRAINT "attempts_state" CHECK (state in ('running', 'succeeded', 'failed', 'aborted', 'interrupted', 'lost')),
	CONSTRAINT "attempts_finished" CHECK ((finished_at is null) = (state = 'running'))
);
--> statement-breakpoint
CREATE TABLE "crons" (
	"function_id" uuid PRIMARY KEY NOT NULL,
	"expression" text NOT NULL,
	"since" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "executions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "executions_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"environment_id" uuid NOT NULL,
	"function_id" uuid NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"arguments" text NOT NULL,
	"result" text,
	"error" text,
	"error_code" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"schedule_for" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"discard_after" timestamp with time zone,
	"executed_by" text DEFAULT 'api' NOT NULL,
	"cron_tick" timestamp with time zone,
	"rerun_of" uuid,
	"attempt" integer DEFAULT 0 NOT NULL,
	"retries" integer DEFAULT 0 NOT NULL,
	"crashes" integer DEFAULT 0 NOT NULL,
	"version_id" uuid,
	"token" uuid,
	"worker_id" text,
	"lease_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "executions_state" CHECK (state in ('queued', 'running', 'aborting', 'succeeded', 'failed', 'cancelled', 'aborted', 'discarded')),
	CONSTRAINT "executions_finished" CHECK ((finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled', 'aborted', 'discarded'))),
	CONSTRAINT "executions_leased_while_running" CHECK ((token is not null and lease_until is not null) = (state in ('running', 'aborting'))),
	CONSTRAINT "executions_failed_has_error" CHECK (state <> 'failed' or error is not null)
);
--> statement-breakpoint
CREATE TABLE "deletions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"function_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"execute_at" timestamp with time zone NOT NULL,
	"cancelled_at" timestamp with time zone,
	"cancelled_by" text,
	"completed_at" timestamp with time zone,
	"tombstone" text,
	CONSTRAINT "deletions_reason" CHECK (reason in ('user_requested', 'stale_function', 'quota_exceeded')),
	CONSTRAINT "deletions_completed_has_tombstone" CHECK (completed_at is null or tombstone is not null),
	CONSTRAINT "deletions_one_end" CHECK (cancelled_at is null or completed_at is null)
);
--> statement-breakpoint
CREATE TABLE "functions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"environment_id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" text DEFAULT 'init' NOT NULL,
	"active_version_id" uuid,
	"archived_at" timestamp with time zone,
	"archived_because" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "functions_state" CHECK (state in ('init', 'building', 'active', 'pending_deletion', 'deleted')),
	CONSTRAINT "functions_archived" CHECK ((archived_at is null) = (archived_because is null)),
	CONSTRAINT "functions_active_has_version" CHECK (state <> 'active' or active_version_id is not null)
);
--> statement-breakpoint
CREATE TABLE "overlays" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"environment_id" uuid NOT NULL,
	"function_id" uuid,
	"kind" text NOT NULL,
	"reason" text,
	"actor" text NOT NULL,
	"until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lifted_at" timestamp with time zone,
	"lifted_by" text,
	CONSTRAINT "overlays_kind" CHECK (kind in ('pause', 'pin')),
	CONSTRAINT "overlays_lifted" CHECK ((lifted_at is null) = (lifted_by is null))
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "releases_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"environment_id" uuid NOT NULL,
	"build_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"changes" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "releases_kind" CHECK (kind in ('deploy', 'rollback', 'resume'))
);
--> statement-breakpoint
CREATE TABLE "versions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"function_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"build_id" uuid NOT NULL,
	"file" text NOT NULL,
	"bundle_digest" text NOT NULL,
	"source_map_digest" text NOT NULL,
	"options" jsonb NOT NULL,
	"fingerprint" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "versions_number" UNIQUE("function_id","number"),
	CONSTRAINT "versions_fingerprint" UNIQUE("function_id","fingerprint")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"event" text NOT NULL,
	"action" text,
	"installation_id" bigint,
	"repository_id" bigint,
	"payload" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"processed_at" timestamp with time zone,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "installations" (
	"id" bigint PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"account_id" bigint NOT NULL,
	"permissions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"suspended_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "commands" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"repository_id" bigint NOT NULL,
	"comment_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"issue_number" integer NOT NULL,
	"is_pull" boolean NOT NULL,
	"is_open" boolean NOT NULL,
	"line" text NOT NULL,
	"actor" text NOT NULL,
	"commented_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"reason_code" text,
	"reply" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "commands_comment" UNIQUE("comment_id","position"),
	CONSTRAINT "commands_state" CHECK (state in ('received', 'done', 'noop', 'refused', 'failed')),
	CONSTRAINT "commands_finished" CHECK ((finished_at is null) = (state = 'received'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"type" text NOT NULL,
	"repository_id" bigint NOT NULL,
	"environment_id" uuid,
	"build_id" uuid,
	"function_id" uuid,
	"actor" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"wanted" bigint DEFAULT 1 NOT NULL,
	"written" bigint DEFAULT 0 NOT NULL,
	"remote" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_subject" UNIQUE("kind","subject")
);
--> statement-breakpoint
ALTER TABLE "build_logs" ADD CONSTRAINT "build_logs_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_active_build_id_builds_id_fk" FOREIGN KEY ("active_build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "repositories" ADD CONSTRAINT "repositories_installation_id_installations_id_fk" FOREIGN KEY ("installation_id") REFERENCES "public"."installations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "crons" ADD CONSTRAINT "crons_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "executions" ADD CONSTRAINT "executions_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "executions" ADD CONSTRAINT "executions_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "executions" ADD CONSTRAINT "executions_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deletions" ADD CONSTRAINT "deletions_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_active_version_id_versions_id_fk" FOREIGN KEY ("active_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overlays" ADD CONSTRAINT "overlays_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overlays" ADD CONSTRAINT "overlays_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "versions" ADD CONSTRAINT "versions_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "versions" ADD CONSTRAINT "versions_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "builds_under_way" ON "builds" USING btree ("environment_id","sha") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "builds_unfinished" ON "builds" USING btree ("environment_id","created_at") WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "environments_branch" ON "environments" USING btree ("repository_id","branch") WHERE closed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "repositories_full_name" ON "repositories" USING btree (lower(owner),lower(name)) WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "repositories_installation" ON "repositories" USING btree ("installation_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "executions_due" ON "executions" USING btree ("function_id","due_at","sequence") WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX "executions_running" ON "executions" USING btree ("function_id") WHERE state in ('running', 'aborting');--> statement-breakpoint
CREATE INDEX "executions_leased" ON "executions" USING btree ("lease_until") WHERE state in ('running', 'aborting');--> statement-breakpoint
CREATE INDEX "executions_discard" ON "executions" USING btree ("discard_after") WHERE state = 'queued' and discard_after is not null;--> statement-breakpoint
CREATE INDEX "executions_listed" ON "executions" USING btree ("environment_id","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "executions_cron_tick" ON "executions" USING btree ("function_id","cron_tick") WHERE cron_tick is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "deletions_pending" ON "deletions" USING btree ("function_id") WHERE cancelled_at is null and completed_at is null;--> statement-breakpoint
CREATE INDEX "deletions_due" ON "deletions" USING btree ("execute_at") WHERE cancelled_at is null and completed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "functions_name" ON "functions" USING btree ("environment_id","name") WHERE state <> 'deleted';--> statement-breakpoint
CREATE UNIQUE INDEX "overlays_in_force" ON "overlays" USING btree ("environment_id",coalesce(function_id, '00000000-0000-0000-0000-000000000000'),"kind") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "releases_environment" ON "releases" USING btree ("environment_id","sequence");--> statement-breakpoint
CREATE INDEX "deliveries_unprocessed" ON "deliveries" USING btree ("received_at") WHERE processed_at is null;--> statement-breakpoint
CREATE INDEX "events_environment" ON "events" USING btree ("environment_id","id");--> statement-breakpoint
CREATE INDEX "reports_behind" ON "reports" USING btree ("updated_at") WHERE written < wanted;