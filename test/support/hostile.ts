// Projects whose dependency has install scripts: a package of the test's own, packed into the repository, so that a real
// package manager installs it without a registry.

import { tarball } from './archives.ts'
import { bare, bareFiles, type Files } from './projects.ts'

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** A dependency named "fragile" whose `event` script runs the given code. */
export function withInstallScript(code: string, event = 'postinstall'): Files {
  return withDependency('fragile', {
    'package.json': { scripts: { [event]: 'node script.js' } },
    'script.js': code,
  })
}

export function withDependency(
  name: string,
  { 'package.json': description, ...files }: Record<string, unknown>,
): Files {
  const own = json({ name, version: '1.0.0', ...(description as object) })
  const packed = tarball(
    { path: 'package/package.json', content: own },
    ...Object.entries(files).map(([path, content]) => ({
      path: `package/${path}`,
      content: String(content),
    })),
  )
  const resolved = `file:${name}.tgz`
  return {
    'package.json': json({ name: 'shop', private: true, type: 'module', dependencies: { [name]: resolved } }),
    'package-lock.json': json({
      name: 'shop',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'shop', dependencies: { [name]: resolved } },
        [`node_modules/${name}`]: { version: '1.0.0', resolved, hasInstallScript: true },
      },
    }),
    // Plain, so that it is text: nobody needs it to be compressed.
    [`${name}.tgz`]: packed.toString('latin1'),
    'defer/x.js': bare('x'),
  }
}

/** Without dependencies; the code runs as the prebuild command of `prebuilt`. */
export function withPrebuild(code: string): Files {
  return { ...bareFiles, 'prebuild.cjs': code, 'defer/x.js': bare('x') }
}

export const prebuilt = build({ prebuild: 'node prebuild.cjs' })

export function build(settings: { prebuild?: string; installScripts?: boolean | string[] }) {
  return { prebuild: null, prebuildNetwork: false, installScripts: false, builder: 'stable', ...settings }
}
