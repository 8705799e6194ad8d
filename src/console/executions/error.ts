// A failure as it is stored, for reading. Pure.
import { z } from 'zod'

const Stored = z.object({
  name: z.string().catch('Error'),
  message: z.string().catch(''),
  stack: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
})
export type StoredError = z.infer<typeof Stored>

/** One that was cut off is read as far as it goes. */
export function errorOf(json: string | null): StoredError | null {
  if (json === null) return null
  try {
    return Stored.parse(JSON.parse(json))
  } catch {
    const said = (key: string) => new RegExp(`"${key}":"((?:[^"\\\\]|\\\\.)*)`).exec(json)?.[1]
    return { name: said('name') ?? 'Error', message: said('message') ?? json.slice(0, 500) }
  }
}

/** JSON indented, if it is any. */
export function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2) ?? json
  } catch {
    return json
  }
}
