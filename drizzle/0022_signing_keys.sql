CREATE TABLE "signing_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"function_id" uuid NOT NULL,
	"name" text,
	"sealed" text NOT NULL,
	"validity" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"rolled_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "signing_keys_validity" CHECK (validity in ('1h', '1d', '1w', '1m', 'forever'))
);
--> statement-breakpoint
CREATE TABLE "used_signatures" (
	"mac" text PRIMARY KEY NOT NULL,
	"forget_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "signing_keys" ADD CONSTRAINT "signing_keys_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "signing_keys_function" ON "signing_keys" USING btree ("function_id","created_at");--> statement-breakpoint
CREATE INDEX "used_signatures_forget" ON "used_signatures" USING btree ("forget_at");