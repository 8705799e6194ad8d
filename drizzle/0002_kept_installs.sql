CREATE TABLE "kept_installs" (
	"key" text PRIMARY KEY NOT NULL,
	"parts" jsonb NOT NULL,
	"bytes" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "kept_installs_used" ON "kept_installs" USING btree ("used_at");