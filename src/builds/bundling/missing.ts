// Packages ask for others that may not be installed, and expect an error when they use them (NestJS loads what it finds). So
// what a dependency cannot find is an error when the code that wants it runs, as it would be without a bundler; what the
// repository's own files cannot find stays the bundler's to complain of.
import type { Message, Plugin } from 'esbuild'

const namespace = 'missing'
const looked = 'looked'

/** The names that files of packages ask for in vain. */
export function missingIn(errors: Message[]): string[] {
  const names = errors.flatMap(({ text, location }) =>
    inPackage(location?.file ?? '') ? (/^Could not resolve "([^"]+)"/.exec(text)?.[1] ?? []) : [],
  )
  return [...new Set(names)].sort()
}

/** `names` are looked at once more: where they are found, they are what was found. */
export function tolerateMissing(names: string[], say: (text: string) => void): Plugin {
  return {
    name: 'missing packages',
    setup(build) {
      if (names.length === 0) return
      const told = new Set<string>()
      build.onResolve({ filter: oneOf(names) }, async ({ path: name, importer, pluginData, ...asked }) => {
        if (pluginData === looked || !inPackage(importer)) return null
        const { kind, resolveDir } = asked
        const found = await build.resolve(name, { kind, importer, resolveDir, pluginData: looked })
        if (found.errors.length === 0) return found
        if (!told.has(name)) say(`warning: ${name} is not installed, and ${packageOf(importer)} can use it`)
        told.add(name)
        return { path: name, namespace }
      })
      build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => ({ contents: throwing(name) }))
    },
  }
}

function throwing(name: string): string {
  const message = JSON.stringify(`Cannot find module '${name}'`)
  return `throw Object.assign(new Error(${message}), { code: 'MODULE_NOT_FOUND' })\nmodule.exports = {}\n`
}

function inPackage(file: string): boolean {
  return file.split('/').includes('node_modules')
}

function packageOf(file: string): string {
  const [name = file, inner = ''] = file.split('node_modules/').at(-1)?.split('/') ?? []
  return name.startsWith('@') ? `${name}/${inner}` : name
}

function oneOf(names: string[]): RegExp {
  return new RegExp(`^(?:${names.map(name => name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')})$`)
}
