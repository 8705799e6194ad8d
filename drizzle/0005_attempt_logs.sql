CREATE TABLE "attempt_logs" (
	"execution_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"part" integer NOT NULL,
	"lines" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "attempt_logs_rest" PARTITION OF "attempt_logs" DEFAULT;
--> statement-breakpoint
CREATE INDEX "attempt_logs_of" ON "attempt_logs" USING btree ("execution_id","attempt","part");