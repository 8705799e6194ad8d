CREATE TABLE "variables" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"repository_id" bigint NOT NULL,
	"environment_id" uuid,
	"name" text NOT NULL,
	"scope" text NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "variables_name" UNIQUE NULLS NOT DISTINCT("repository_id","environment_id","name"),
	CONSTRAINT "variables_scope" CHECK (scope in ('build', 'run', 'both'))
);
--> statement-breakpoint
ALTER TABLE "builds" DROP CONSTRAINT "builds_state";--> statement-breakpoint
ALTER TABLE "builds" DROP CONSTRAINT "builds_finished";--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "stages" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "builder" jsonb;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "scope" jsonb;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "content_digest" text;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "same_as_build_id" uuid;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "watch" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "build" jsonb;--> statement-breakpoint
ALTER TABLE "variables" ADD CONSTRAINT "variables_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "variables" ADD CONSTRAINT "variables_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_same_as_build_id_builds_id_fk" FOREIGN KEY ("same_as_build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_unchanged_has_other" CHECK ((state = 'unchanged') = (same_as_build_id is not null));--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_state" CHECK (state in ('queued', 'fetching', 'installing', 'generating', 'compiling', 'publishing', 'succeeded', 'failed', 'cancelled', 'superseded', 'unchanged'));--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_finished" CHECK ((finished_at is not null) = (state in ('succeeded', 'failed', 'cancelled', 'superseded', 'unchanged')));