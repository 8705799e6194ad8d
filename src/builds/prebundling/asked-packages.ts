// Leaves installed packages out of what is bundled, and reads from what came out which of their files are asked for, and for
// which names: those that are left once types and unused code are gone.
import path from 'node:path'
import type { OutputFile, Plugin } from 'esbuild'
import type { Bundled } from '../bundling/bundler.ts'
import type { FindPackage } from './find-package.ts'
import type { Names } from './prebundled.ts'

const prefix = 'package:'

export function leaveOutPackages(find: FindPackage): Plugin {
  return {
    name: 'packages left out',
    setup(build) {
      find(build, (file, sideEffects) => ({ path: prefix + file, external: true, sideEffects }))
    },
  }
}

/** By the package's file. */
export function askedPackages({ outputFiles, metafile }: Bundled): Map<string, Names> {
  const asked = new Map<string, Set<string> | null>()
  const texts = new Map(outputFiles.map(output => [path.basename(output.path), output]))
  for (const [output, { imports }] of Object.entries(metafile.outputs))
    for (const { path: imported, kind, external } of imports) {
      if (external !== true || !imported.startsWith(prefix)) continue
      const file = imported.slice(prefix.length)
      const names = kind === 'import-statement' ? namesOf(imported, texts.get(path.basename(output))) : null
      const before = asked.get(file)
      asked.set(file, names === null || before === null ? null : new Set([...(before ?? []), ...names]))
    }
  return new Map([...asked].sort(byName).map(([file, names]) => [file, names && [...names].sort()]))
}

// As the bundler prints them, each a statement of its own.
const statement = (imported: string) =>
  new RegExp(`^(?:import|export) ([^;"']*?)(?: from )?"${RegExp.escape(imported)}";$`, 'gm')

/** Null: all, or it cannot be told. */
function namesOf(imported: string, output: OutputFile | undefined): string[] | null {
  const text = output?.text ?? ''
  const clauses = [...text.matchAll(statement(imported))].map(([, clause = '']) => clause.trim())
  const mentions = text.split(JSON.stringify(imported)).length - 1
  const names = clauses.map(namesIn)
  if (clauses.length < mentions || names.includes(null)) return null
  return names.flatMap(some => some ?? [])
}

const clause = /^(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\})?$/

/** `a, { b, c as d }` */
function namesIn(text: string): string[] | null {
  const [found, own = '', braces = ''] = clause.exec(text) ?? []
  if (found === undefined) return null
  const named = braces.split(',').map(one => one.trim().split(/\s+as\s+/)[0] ?? '')
  return [...(own === '' ? [] : ['default']), ...named.filter(name => name !== '')]
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
