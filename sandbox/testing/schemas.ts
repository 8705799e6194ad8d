// For tests: GitHub's published webhook schemas. Unknown properties are no error; missing or mistyped ones are.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'

export type Validate = (event: string, action: string | null, payload: unknown) => string[]

export function webhookSchemas(): Validate {
  const path = createRequire(import.meta.url).resolve('@octokit/webhooks-schemas/schema.json')
  const schema: { definitions: Record<string, unknown> } = JSON.parse(readFileSync(path, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  ajv.addSchema(openToMore(schema), 'webhooks')
  const compiled = new Map<string, ValidateFunction>()
  return (event, action, payload) => {
    const name = `${event}$${action ?? 'event'}`
    if (!schema.definitions[name]) return [`there is no schema for ${name}`]
    const validate = compiled.get(name) ?? ajv.compile({ $ref: `webhooks#/definitions/${name}` })
    compiled.set(name, validate)
    if (validate(payload)) return []
    return (validate.errors ?? []).map(error => `${name}${error.instancePath} ${error.message}`)
  }
}

/** The schema with every `additionalProperties: false` taken out. */
function openToMore(node: unknown): object {
  const text = JSON.stringify(node, (key, value) =>
    key === 'additionalProperties' && value === false ? undefined : value,
  )
  return JSON.parse(text)
}
