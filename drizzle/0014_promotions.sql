ALTER TABLE "releases" DROP CONSTRAINT "releases_kind";--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "promoted_from_id" uuid;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_promoted_from_id_builds_id_fk" FOREIGN KEY ("promoted_from_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_kind" CHECK (kind in ('deploy', 'rollback', 'resume', 'promote'));