// What a commit says of its submodules: .gitmodules, read strictly, and where an address in it leads. Pure. Git's own reader
// takes a great deal more, which is how others were broken; what is refused here names the line.
import { type Failed, failed } from '../failure.ts'

export interface Submodule {
  /** Relative to the repository whose .gitmodules names it. */
  path: string
  url: string
}

export const maxModulesBytes = 100_000

export function parseModules(text: string, file = '.gitmodules'): { submodules: Submodule[] } | Failed {
  const sections: Partial<Submodule>[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const parsed = parseLine(line)
    const section = sections.at(-1)
    if (parsed === 'section') sections.push({})
    else if (parsed === null || section === undefined)
      return refused(file, index + 1, 'it cannot be read; write it as "git submodule add" does')
    else if (parsed.key === 'path' || parsed.key === 'url') {
      if (section[parsed.key] !== undefined)
        return refused(file, index + 1, `it gives the ${parsed.key} of a submodule twice`)
      section[parsed.key] = parsed.value
    }
  }
  // Git, too, leaves out a section without both.
  const submodules = sections.flatMap(({ path, url }) => (path && url ? [{ path, url }] : []))
  const paths = submodules.map(one => one.path)
  const twice = paths.find((path, index) => paths.indexOf(path) < index)
  if (twice !== undefined)
    return failed('submodule_refused', `${file} names "${twice}" twice. Remove one of the two.`)
  return { submodules }
}

function refused(file: string, line: number, problem: string): Failed {
  const message = `${file}:${line}: ${problem}.`
  return failed('submodule_refused', message, [
    { path: file, startLine: line, endLine: line, level: 'failure', message },
  ])
}

function parseLine(line: string): 'section' | { key: string; value: string } | null {
  if (/^\[submodule "(?:[^"\\]|\\["\\])+"\]$/.test(line)) return 'section'
  const [, key = '', value = ''] = /^([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*)$/.exec(line) ?? []
  if (key === '') return null
  const plain = plainValue(value)
  return plain === null ? null : { key: key.toLowerCase(), value: plain }
}

/** Without quotes, and without a comment after it; null: it uses what no address and no path needs. */
function plainValue(text: string): string | null {
  const quoted = /^"([^"\\]*)"$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted
  const bare = text.replace(/\s+[#;].*$/, '')
  return /["\\#;]/.test(bare) ? null : bare
}

export type Target =
  | { kind: 'repository'; owner: string; name: string }
  | { kind: 'elsewhere'; host: string }
  | { kind: 'unusable'; because: string }

const shell = /^(?:[\w.-]+@)?([\w.-]+):\/*(.+)$/

/** `host`: the address of the host's repositories, such as https://github.com; `from`: the repository that asks. */
export function targetOf(url: string, host: string, from: { owner: string; name: string }): Target {
  if (/^\.\.?\//.test(url)) return inside(resolveRelative(url, from))
  const [, shellHost, shellPath = ''] = url.includes('://') ? [] : (shell.exec(url) ?? [])
  if (shellHost !== undefined)
    return shellHost.toLowerCase() === new URL(host).hostname ? inside(shellPath) : elsewhere(shellHost)
  if (!URL.canParse(url)) return { kind: 'unusable', because: 'its address cannot be read' }
  const parsed = new URL(url)
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(parsed.protocol))
    return { kind: 'unusable', because: `its address is of a kind that is not fetched (${parsed.protocol})` }
  if (parsed.password !== '') return { kind: 'unusable', because: 'its address holds a password' }
  const ofHost = new URL(host)
  const same = parsed.protocol.startsWith('http')
    ? parsed.host === ofHost.host
    : parsed.hostname === ofHost.hostname
  if (!same) return elsewhere(parsed.hostname)
  const base = parsed.protocol.startsWith('http') ? ofHost.pathname.replace(/\/$/, '') : ''
  return parsed.pathname.startsWith(`${base}/`)
    ? inside(parsed.pathname.slice(base.length + 1))
    : elsewhere(parsed.hostname)
}

/** As Git does: from the repository's own address, one step up for each "..". Null: it leads above the owner. */
function resolveRelative(url: string, { owner, name }: { owner: string; name: string }): string | null {
  const parts = [owner, name]
  for (const part of url.split('/')) {
    if (part === '.' || part === '') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}

function inside(path: string | null): Target {
  const [, owner, name] = /^([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(path ?? '') ?? []
  if (!owner || !name || [owner, name].some(part => /^\.+$/.test(part)))
    return { kind: 'unusable', because: 'its address names no repository' }
  return { kind: 'repository', owner, name }
}

function elsewhere(host: string): Target {
  return { kind: 'elsewhere', host: host.slice(0, 200) }
}
