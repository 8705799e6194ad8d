CREATE TABLE "pull_heads" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "pull_heads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"repository_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"sha" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"restricted" boolean NOT NULL,
	"approved_by" text,
	"approved_at" timestamp with time zone,
	CONSTRAINT "pull_heads_approved" CHECK ((approved_by is null) = (approved_at is null))
);
--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "trusted" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "pull_heads" ADD CONSTRAINT "pull_heads_repository_id_repositories_id_fk" FOREIGN KEY ("repository_id") REFERENCES "public"."repositories"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pull_heads_pull" ON "pull_heads" USING btree ("repository_id","number","id");