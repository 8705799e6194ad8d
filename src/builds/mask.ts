// Takes the values of an environment's variables out of what people read: logs, failures, annotations. Each as it is and as
// programs commonly write it (base64 at any offset, escaped for URLs and JSON, reversed), a value of several lines line by
// line. A best effort, like everybody's: code that means to show a secret can always write it in another way. Pure.
import { AppError } from '../errors.ts'
import type { Failure } from './failure.ts'

const minLength = 8
const shownInstead = '***'
const keyLength = 4

export type Mask = (text: string) => string

export function createMask(values: readonly string[]): Mask {
  const forms = new Set(values.flatMap(pieces).flatMap(formsOf))
  if (forms.size === 0) return text => text
  // By their first characters: one pass over the text, however many forms there are. The longest one counts.
  const byStart = Map.groupBy(
    [...forms].sort((a, b) => b.length - a.length),
    form => form.slice(0, keyLength),
  )
  return text => replaceForms(text, byStart)
}

function replaceForms(text: string, byStart: ReadonlyMap<string, string[]>): string {
  let shown = ''
  let from = 0
  for (let at = 0; at <= text.length - minLength; at++) {
    const form = byStart.get(text.slice(at, at + keyLength))?.find(one => text.startsWith(one, at))
    if (form === undefined) continue
    shown += text.slice(from, at) + shownInstead
    from = at + form.length
    at = from - 1
  }
  return from === 0 ? text : shown + text.slice(from)
}

/** Output comes line by line, so that a value of several lines is never seen as a whole. */
function pieces(value: string): string[] {
  const lines = value.split(/\r?\n/).map(line => line.trim())
  return [value, ...lines]
}

function formsOf(text: string): string[] {
  if (text.length < minLength) return []
  const escaped = JSON.stringify(text).slice(1, -1)
  const forUrl = encodeURIComponent(text.toWellFormed())
  return [
    text,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    forUrl,
    forUrl.replaceAll('%20', '+'),
    encodeURI(text.toWellFormed()),
    [...text].reverse().join(''),
    ...base64Forms(Buffer.from(text)),
  ].filter(form => form.length >= minLength)
}

/** Base64 packs three bytes into four characters: behind other bytes (user:secret) the same text looks different. */
function base64Forms(bytes: Buffer): string[] {
  const forms = [0, 1, 2].map(before => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    // The characters at both ends that hold bits of neighbours, too, are left standing.
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    return encoded.slice(first, last)
  })
  return forms.flatMap(form => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

export function maskFailure(failure: Failure, mask: Mask): Failure {
  const annotations = failure.annotations.map(one => ({ ...one, message: mask(one.message) }))
  return { ...failure, message: mask(failure.message), annotations }
}

/** The error itself where there is nothing to hide: its stack and its cause repeat what its message says. */
export function maskError(error: unknown, mask: Mask): unknown {
  if (!(error instanceof Error)) return error
  const shown = mask(error.message)
  if (shown === error.message && mask(error.stack ?? '') === (error.stack ?? '')) return error
  return error instanceof AppError ? new AppError(error.code, shown, error.details) : new Error(shown)
}
