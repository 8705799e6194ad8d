CREATE TABLE "alert_counts" (
	"function_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"failed" integer NOT NULL,
	CONSTRAINT "alert_counts_function_id_version_id_minute_pk" PRIMARY KEY("function_id","version_id","minute")
);
--> statement-breakpoint
CREATE TABLE "alert_progress" (
	"id" integer PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL,
	CONSTRAINT "alert_progress_one" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"incident_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"function_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"failed" integer NOT NULL,
	"last_failed_at" timestamp with time zone NOT NULL,
	"last_succeeded_at" timestamp with time zone,
	"errors" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_because" text,
	CONSTRAINT "alerts_closed_because" CHECK (closed_because in ('recovered', 'gone')),
	CONSTRAINT "alerts_closed" CHECK ((closed_at is null) = (closed_because is null))
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_counts_minute" ON "alert_counts" USING btree ("minute");--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_open" ON "alerts" USING btree ("function_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "alerts_incident" ON "alerts" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "alerts_environment" ON "alerts" USING btree ("environment_id","opened_at");