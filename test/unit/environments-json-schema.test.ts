import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaText } from '../../src/environments/json-schema.ts'

const published = readFileSync(new URL('../../schema/sluice.schema.json', import.meta.url), 'utf8')

test('the published schema is the one of the code (npm run generate:schema)', () => {
  expect(published).toBe(jsonSchemaText())
})

test('it accepts what we accept and names what we refuse', () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(published))
  expect(validate(parse('environments: { production: { branch: main } }\npreviews: { ttl: 7d }'))).toBe(true)
  expect(validate(parse('environmnts: {}'))).toBe(false)
})
