// Only for `npm run generate`: writes the SQL of a schema change into drizzle/, to be read and committed like code.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema.ts',
  out: './drizzle',
  casing: 'snake_case',
})
