CREATE TABLE "installation_tokens" (
	"key" text PRIMARY KEY NOT NULL,
	"sealed" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "write_turns" (
	"installation" text PRIMARY KEY NOT NULL,
	"next_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "closed_because" text;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "opened_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "evict_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "heads" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "repositories" ADD COLUMN "heads_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "environments_previews" ON "environments" USING btree ("repository_id") WHERE kind = 'preview' and closed_at is null;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_closed_because" CHECK (closed_because in ('pull_closed', 'expired', 'evicted'));