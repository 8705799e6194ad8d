CREATE TABLE "idempotency_keys" (
	"environment_id" uuid NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"execution_ids" uuid[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_environment_id_key_pk" PRIMARY KEY("environment_id","key")
);
--> statement-breakpoint
CREATE TABLE "payloads" (
	"digest" text PRIMARY KEY NOT NULL,
	"used_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "payloads_used" ON "payloads" USING btree ("used_at");--> statement-breakpoint
CREATE INDEX "finished_executions_payload" ON "finished_executions" USING btree ("arguments") WHERE arguments like '@%';--> statement-breakpoint
CREATE INDEX "finished_executions_result" ON "finished_executions" USING btree ("result") WHERE result like '@%';--> statement-breakpoint
CREATE INDEX "executions_payload" ON "live_executions" USING btree ("arguments") WHERE arguments like '@%';