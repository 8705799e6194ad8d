// Modules that a framework's own bundler provides and no package holds: SvelteKit's `$lib`, `$env/*` and `$app/*`, and the
// markers `server-only` and `client-only`. Variables are those of the environment when the function runs: at build time
// they are not there.
import path from 'node:path'
import type { Plugin } from 'esbuild'
import { foldersUp, isFile } from '../project-files.ts'

const variables = "require('node:process').env"

/** CommonJS where any name may be imported: names are looked up in the object when the bundle is loaded. */
const modules: Record<string, string> = {
  '$env/static/private': `module.exports = ${variables}`,
  '$env/static/public': `module.exports = ${variables}`,
  '$env/dynamic/private': `exports.env = ${variables}`,
  '$env/dynamic/public': `exports.env = Object.fromEntries(Object.entries(${variables}).filter(([name]) => name.startsWith('PUBLIC_')))`,
  '$app/environment':
    "export const browser = false\nexport const building = false\nexport const dev = false\nexport const version = ''",
  'server-only': '',
  'client-only': '',
}
const asked = /^(?:\$env\/(?:static|dynamic)\/(?:private|public)|\$app\/environment|server-only|client-only)$/

export const frameworkNamespace = 'framework'

export function frameworkContents(name: string): string {
  return modules[name] ?? ''
}

const configurations = ['svelte.config.js', 'svelte.config.ts', 'svelte.config.mjs']

export function frameworkModules(source: string): Plugin {
  return {
    name: 'framework modules',
    setup(build) {
      build.onResolve({ filter: asked }, ({ path: name }) => ({ path: name, namespace: frameworkNamespace }))
      build.onLoad({ filter: /.*/, namespace: frameworkNamespace }, ({ path: name }) => ({
        contents: frameworkContents(name),
      }))
      build.onResolve({ filter: /^\$lib(?:\/|$)/ }, async ({ path: name, kind, resolveDir }) => {
        const home = await svelteFolder(source, path.relative(source, resolveDir))
        if (home === null) return null
        const within = `./${path.posix.join('src/lib', name.slice('$lib'.length))}`
        return build.resolve(within, { kind, resolveDir: path.join(source, home) })
      })
    },
  }
}

/** The nearest folder that is a SvelteKit project, up to the repository's own. */
async function svelteFolder(source: string, from: string): Promise<string | null> {
  if (from.startsWith('..')) return null
  for (const folder of foldersUp(from || '.'))
    for (const name of configurations) if (await isFile(source, path.join(folder, name))) return folder
  return null
}
