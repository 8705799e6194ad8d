// Request bodies: UTF-8 JSON that PostgreSQL can keep and JSON.stringify can give back. Checked before any schema sees it
// (RELIABILITY.md B07-B14): nesting, NUL, lone surrogates, keys that reach a prototype, numbers that are none. Pure.
import { AppError } from '../errors.ts'

const maxDepth = 64

/** Undefined: an empty body. @throws AppError `malformed`. */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const value = parse(decode(bytes))
  check(value, 'body', 0)
  return value
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new AppError('malformed', 'The body is not valid UTF-8.')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AppError('malformed', 'The body is not valid JSON.')
  }
}

function check(value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') checkText(value, path)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new AppError('malformed', `${path} is a number too large to be kept exactly.`)
  if (typeof value !== 'object' || value === null) return
  if (depth >= maxDepth) throw new AppError('malformed', `The body is nested deeper than ${maxDepth} levels.`)
  for (const [key, item] of Object.entries(value)) {
    const inner = `${path}.${key.slice(0, 50)}`
    checkText(key, inner)
    if (reachesPrototype(key, item)) throw new AppError('malformed', `${inner}: this key is not allowed.`)
    check(item, inner, depth + 1)
  }
}

function reachesPrototype(key: string, value: unknown): boolean {
  if (key === '__proto__') return true
  return (
    key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
  )
}

function checkText(text: string, path: string): void {
  if (text.includes('\0')) throw new AppError('malformed', `${path} contains a NUL character.`)
  if (!text.isWellFormed())
    throw new AppError('malformed', `${path} contains half of a surrogate pair, which is no text.`)
}
