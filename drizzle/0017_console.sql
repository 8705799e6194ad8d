CREATE TABLE "console_logins" (
	"hash" text PRIMARY KEY NOT NULL,
	"verifier" text NOT NULL,
	"next" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "console_sessions" (
	"hash" text PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"login" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "execution_rollups" (
	"environment_id" uuid NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"function_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"state" text NOT NULL,
	"bucket" smallint NOT NULL,
	"amount" integer NOT NULL,
	"total_ms" double precision NOT NULL,
	CONSTRAINT "execution_rollups_key" PRIMARY KEY("environment_id","hour","function_id","version_id","state","bucket"),
	CONSTRAINT "execution_rollups_state" CHECK (state in ('succeeded', 'failed', 'cancelled', 'aborted', 'discarded'))
);
--> statement-breakpoint
CREATE TABLE "rollup_progress" (
	"id" integer PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "rollup_progress_one" CHECK (id = 1)
);
--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "via" text;--> statement-breakpoint
CREATE INDEX "console_logins_expires" ON "console_logins" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "console_sessions_user" ON "console_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "console_sessions_expires" ON "console_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "execution_rollups_function" ON "execution_rollups" USING btree ("function_id","hour");--> statement-breakpoint
CREATE INDEX "execution_rollups_hour" ON "execution_rollups" USING btree ("hour");