// Writes schema/sluice.schema.json, the JSON Schema of .github/sluice.yml that editors use, from the shape that parses it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemaText } from '../src/environments/json-schema.ts'

mkdirSync(new URL('../schema', import.meta.url), { recursive: true })
writeFileSync(new URL('../schema/sluice.schema.json', import.meta.url), jsonSchemaText())
