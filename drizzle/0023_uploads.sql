CREATE TABLE "uploads" (
	"build_id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"digest" text NOT NULL,
	"packed_bytes" integer NOT NULL,
	"sealed_env" text,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "answer" jsonb;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "kind" text DEFAULT 'commit' NOT NULL;--> statement-breakpoint
ALTER TABLE "functions" ADD COLUMN "origin" text DEFAULT 'code' NOT NULL;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "uploads_function" ON "uploads" USING btree ("function_id");--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_kind" CHECK (kind in ('commit', 'upload'));--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_origin" CHECK (origin in ('code', 'upload'));