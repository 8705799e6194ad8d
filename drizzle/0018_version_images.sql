CREATE TABLE "version_images" (
	"version_id" uuid PRIMARY KEY NOT NULL,
	"tag" text,
	"digest" text,
	"pushed_at" timestamp with time zone,
	"tries" integer NOT NULL,
	"error" text,
	"next_try_at" timestamp with time zone NOT NULL,
	CONSTRAINT "version_images_pushed" CHECK ((digest is null) = (tag is null) and (digest is null) = (pushed_at is null))
);
--> statement-breakpoint
ALTER TABLE "version_images" ADD CONSTRAINT "version_images_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "version_images_due" ON "version_images" USING btree ("next_try_at") WHERE digest is null;