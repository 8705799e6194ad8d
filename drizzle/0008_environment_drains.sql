ALTER TABLE "environments" ADD COLUMN "draining_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "drain_grace_seconds" integer;--> statement-breakpoint
ALTER TABLE "environments" ADD CONSTRAINT "environments_drained_since" CHECK ((mode = 'normal') = (draining_since is null) and (mode = 'normal') = (drain_grace_seconds is null));