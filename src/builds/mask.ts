// Takes the values of an environment's variables out of what people read: logs, failures, annotations. Each as it is and as
// programs commonly write it (base64 at any offset, escaped for URLs and JSON, reversed), a value of several lines line by
// line. A best effort, like everybody's: code that means to show a secret can always write it in another way. Pure.
import { AppError } from '../errors.ts'
import type { Failure } from './failure.ts'

const minLength = 8
const shownInstead = '***'
const keyLength = 4
/** At the end of what was cut there. */
const cutSign = '…'

/** `isRest`: what stood before it was cut off, so that it may begin within a value. */
export type Mask = (text: string, isRest?: boolean) => string

export function createMask(values: readonly string[]): Mask {
  const forms = [...new Set(values.flatMap(pieces).flatMap(formsOf))].sort((a, b) => b.length - a.length)
  if (forms.length === 0) return text => text
  // By their first characters: one pass over the text, however many forms there are. The longest one counts.
  const byStart = Map.groupBy(forms, form => form.slice(0, keyLength))
  const mayStart = new Uint8Array(2 ** 16)
  for (const form of forms) mayStart[pairAt(form, 0)] = 1
  return (text, isRest = false) => {
    const begun = isRest ? lengthOfRest(text, forms) : 0
    const shown = replaceForms(text.slice(begun), byStart, mayStart)
    return begun === 0 ? shown : shownInstead + shown
  }
}

/** Two characters as a number: of a text without values hardly any pair begins one, and the rest of the look is spared. */
const pairAt = (text: string, at: number) => ((text.charCodeAt(at) << 5) ^ text.charCodeAt(at + 1)) & 0xffff

function replaceForms(
  text: string,
  byStart: ReadonlyMap<string, string[]>,
  mayStart: Readonly<Uint8Array>,
): string {
  let shown = ''
  let from = 0
  const end = text.endsWith(cutSign) ? text.length - 1 : text.length
  for (let at = 0; at <= end - minLength; at++) {
    if (mayStart[pairAt(text, at)] === 0) continue
    const form = byStart.get(text.slice(at, at + keyLength))?.find(one => stands(one, text, at, end))
    if (form === undefined) continue
    shown += text.slice(from, at) + shownInstead
    from = Math.min(end, at + form.length)
    at = from - 1
  }
  return from === 0 ? text : shown + text.slice(from)
}

/** Also its beginning, where the text ends within it: a line that is too long is cut anywhere. */
function stands(form: string, text: string, at: number, end: number): boolean {
  if (text.startsWith(form, at)) return true
  return end - at < form.length && form.startsWith(text.slice(at, end))
}

/** How much of the end of a form the text begins with. */
function lengthOfRest(text: string, forms: readonly string[]): number {
  const begins = text.slice(0, minLength)
  if (begins.length < minLength) return 0
  for (const form of forms) {
    const at = form.indexOf(begins)
    if (at > 0 && text.startsWith(form.slice(at))) return form.length - at
  }
  return 0
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
