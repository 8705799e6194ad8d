// `npm pack ./client`: the package that applications install, from src/client/: as ES modules and, in dist/cjs, as CommonJS, both
// with their types.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname)
const compiler = path.join(
  path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
)
const compile = (...options) =>
  execFileSync(process.execPath, [compiler, '-p', path.join(here, 'tsconfig.json'), ...options], {
    stdio: 'inherit',
  })

rmSync(path.join(here, 'dist'), { recursive: true, force: true })
compile()
const cjs = path.join(here, 'dist/cjs')
compile(
  '--module',
  'commonjs',
  '--moduleResolution',
  'bundler',
  '--verbatimModuleSyntax',
  'false',
  '--outDir',
  cjs,
)
writeFileSync(path.join(cjs, 'package.json'), '{ "type": "commonjs" }\n')
