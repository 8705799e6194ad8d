// The JSON Schema of the repository file, generated from the shape that parses it, so that the two cannot differ.
import { z } from 'zod'
import { RepositoryFile } from './repository-file.ts'

export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(RepositoryFile, { io: 'input', unrepresentable: 'any' })
  const named = { ...schema, title: 'Sluice: .github/sluice.yml' }
  return `${JSON.stringify(named, null, 2)}\n`
}
