ALTER TABLE "crons" ADD COLUMN "timezone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
ALTER TABLE "crons" ADD COLUMN "resting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "crons" ADD COLUMN "execution_id" uuid;--> statement-breakpoint
UPDATE "crons" SET "since" = greatest("since", (
	SELECT max("schedule_for") FROM "executions" WHERE "executions"."function_id" = "crons"."function_id" AND "executed_by" = 'cron'
));
