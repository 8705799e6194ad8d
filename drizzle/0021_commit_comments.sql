ALTER TABLE "commands" DROP CONSTRAINT "commands_comment";--> statement-breakpoint
ALTER TABLE "commands" ADD COLUMN "commit_sha" text;--> statement-breakpoint
CREATE UNIQUE INDEX "commands_comment" ON "commands" USING btree ("comment_id","position") WHERE commit_sha is null;--> statement-breakpoint
CREATE UNIQUE INDEX "commands_commit_comment" ON "commands" USING btree ("comment_id","position") WHERE commit_sha is not null;--> statement-breakpoint
ALTER TABLE "commands" ADD CONSTRAINT "commands_commit" CHECK (commit_sha is null or (comment_id is not null and issue_number is null));