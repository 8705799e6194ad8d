ALTER TABLE "commands" ALTER COLUMN "comment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "commands" ALTER COLUMN "issue_number" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "commands" ADD COLUMN "build_id" uuid;--> statement-breakpoint
ALTER TABLE "commands" ADD COLUMN "delivery_id" text;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "commands_build" ON "commands" USING btree ("build_id","created_at") WHERE build_id is not null;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_delivery" UNIQUE("delivery_id");--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_comment_or_button" CHECK ((comment_id is null) = (build_id is not null and delivery_id is not null));