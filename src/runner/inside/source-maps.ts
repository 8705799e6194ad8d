// Stacks with the places of the sources. Node's own `--enable-source-maps` reads every map when its code is loaded, a fifth of a
// child's start; here one is read when a stack is, which most children never come to. Code that sets `Error.prepareStackTrace`
// itself replaces this, as it replaces Node's.
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface Mapped {
  map: SourceMap
  /** What its sources are relative to. */
  base: string
}

const describe = Error.prototype.toString
const read = readFileSync
const { parse } = JSON

export function mapStacks(): void {
  const maps = new Map<string, Mapped | null>()
  const mapOf = (url: string): Mapped | null => {
    const known = maps.get(url)
    if (known !== undefined) return known
    const found = findMap(url)
    maps.set(url, found)
    return found
  }
  Error.prepareStackTrace = (error, sites) =>
    [headOf(error), ...sites.map(site => `    at ${placed(site, mapOf)}`)].join('\n')
}

function headOf(error: unknown): string {
  try {
    return describe.call(error)
  } catch {
    return 'Error' // its name or message is a getter that throws
  }
}

function placed(site: NodeJS.CallSite, mapOf: (url: string) => Mapped | null): string {
  const text = String(site)
  const file = site.getFileName()
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()]
  if (!file || line === null || column === null || file.startsWith('node:')) return text
  const mapped = mapOf(file.startsWith('/') ? pathToFileURL(file).href : file)
  const source = mapped && sourceOf(mapped, line, column)
  return source ? text.replace(`${file}:${line}:${column}`, () => source) : text
}

function sourceOf({ map, base }: Mapped, line: number, column: number): string | null {
  const origin = map.findEntry(line - 1, column - 1)
  if (!('originalSource' in origin) || !origin.originalSource) return null
  const { href, protocol } = new URL(origin.originalSource, base)
  const file = protocol === 'file:' ? fileURLToPath(href) : href
  return `${file}:${origin.originalLine + 1}:${origin.originalColumn + 1}`
}

/** What cannot be read is no map, as if there were none. */
function findMap(url: string): Mapped | null {
  try {
    const code = read(fileURLToPath(url), 'utf8')
    const linked = [...code.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1]
    if (!linked) return null
    const at = new URL(linked, url)
    const isInline = at.protocol === 'data:'
    const [, text = ''] = isInline ? linked.split(';base64,') : []
    const map = isInline ? Buffer.from(text, 'base64').toString() : read(fileURLToPath(at), 'utf8')
    return { map: new SourceMap(parse(map)), base: isInline ? url : at.href }
  } catch {
    return null
  }
}
