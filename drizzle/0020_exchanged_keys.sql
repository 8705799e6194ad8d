CREATE TABLE "used_tokens" (
	"jti" text PRIMARY KEY NOT NULL,
	"forget_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "exchanged" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "used_tokens_forget" ON "used_tokens" USING btree ("forget_at");