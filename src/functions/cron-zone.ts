// Which time zones a schedule may name: places, as the IANA database and Node's Intl know them, and UTC. Intl also takes
// abbreviations and offsets that do not do what they seem to say (RELIABILITY.md B82): `EST` has no summer, the sign of
// `Etc/GMT+5` is the other way round. Those are refused with what to write instead. Pure.
import { suggest } from './suggest.ts'

export type ParsedZone = { timezone: string } | { problem: string }

const area = /^(africa|america|antarctica|arctic|asia|atlantic|australia|europe|indian|pacific)\//i
const place = /^[a-z]+(\/[a-z0-9_+-]+){1,2}$/i
const offset = /^(etc\/)?(gmt|utc)?[+-]?\d|^(etc\/)?(gmt|utc)[+-]/i
const longest = 64
const advice = 'write the name of a place, such as "Europe/Berlin", or "UTC"'

export function parseZone(text: string): ParsedZone {
  if (/^(etc\/)?utc$/i.test(text)) return { timezone: 'UTC' }
  if (text.length > longest) return { problem: `is longer than ${longest} characters; ${advice}` }
  if (offset.test(text))
    return { problem: `"${text}" is an offset, not a zone, and knows no daylight-saving time; ${advice}` }
  const known = knownAs(text)
  if (known === null) return { problem: unknown(text) }
  if (place.test(text) && area.test(known)) return { timezone: spelled(text, known) }
  const instead = area.test(known) ? `write "${known}", if that is what is meant, or another place` : advice
  return { problem: `"${text}" is not the name of a place, and may not do what it seems to say; ${instead}` }
}

/** The name under which Intl has it; null: not at all. */
function knownAs(text: string): string | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** In its usual capitals. Intl knows places by older names (Europe/Kiev): one it has under another stays what was written. */
function spelled(text: string, known: string): string {
  if (!area.test(text) || text.toLowerCase() === known.toLowerCase()) return known
  return text
    .toLowerCase()
    .replace(/(^|[/_-])[a-z]/g, letter => letter.toUpperCase())
    .replace(/_(Of|Es)_/g, (_, word) => `_${word.toLowerCase()}_`)
}

function unknown(text: string): string {
  const near = suggest(text, Intl.supportedValuesOf('timeZone'))
  return `${JSON.stringify(text)} is no time zone that is known here; ${near ? `did you mean "${near}"?` : advice}`
}
