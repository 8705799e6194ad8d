// The package that applications install, as `npm pack ./client` makes it, and applications that have it installed.
import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { extract } from 'tar'
import type { Files } from './projects.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../..')

/** Its files, unpacked into the folder. */
export async function packClient(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { stdout } = await run('npm', ['pack', './client', '--json', '--pack-destination', folder], {
    cwd: root,
  })
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as { filename: string }[]
  await extract({ file: path.join(folder, packed?.filename ?? ''), cwd: folder, strip: 1 })
}

/** As files of a project whose workspace it is, so that no registry is asked. */
export async function projectWithClient(packed: string, sources: string): Promise<Files> {
  const files: Files = {
    'package.json': JSON.stringify({
      name: 'shop',
      private: true,
      type: 'module',
      workspaces: ['packages/*'],
    }),
    'package-lock.json': JSON.stringify({
      name: 'shop',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'shop', workspaces: ['packages/*'] },
        'node_modules/sluice': { resolved: 'packages/sluice', link: true },
        'packages/sluice': { name: 'sluice', version: '0.1.0' },
      },
    }),
  }
  const add = async (folder: string, below: string, pattern: RegExp) => {
    for (const name of await readdir(folder, { recursive: true }))
      if (pattern.test(name)) files[path.join(below, name)] = await readFile(path.join(folder, name), 'utf8')
  }
  await add(packed, 'packages/sluice', /\.(js|ts|json)$/)
  await add(path.join(sources, 'defer'), 'defer', /\.ts$/)
  return files
}

/** An application in TypeScript, checked strictly and compiled. Resolves to the folder of its programs. */
export async function compileApplication(folder: string, packed: string, files: Files): Promise<string> {
  await mkdir(path.join(folder, 'node_modules'), { recursive: true })
  await symlink(packed, path.join(folder, 'node_modules/sluice'))
  const options = {
    ...{ target: 'es2022', module: 'nodenext', lib: ['es2022', 'dom'], types: [], strict: true },
    ...{
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      outDir: 'dist',
    },
  }
  const all = {
    ...files,
    'package.json': '{ "type": "module" }',
    'tsconfig.json': JSON.stringify({ compilerOptions: options, include: ['.'], exclude: ['node_modules'] }),
  }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
    await writeFile(path.join(folder, name), text)
  }
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [compiler, '-p', folder]).catch(error => {
    throw new Error(error.stdout)
  })
  await cp(path.join(folder, 'package.json'), path.join(folder, 'dist/package.json'))
  return path.join(folder, 'dist')
}

/** Every Node that this machine has: the one that runs the tests, and what else the PATH holds. */
export async function nodesOfMachine(): Promise<{ file: string; version: string }[]> {
  const folders = (process.env.PATH ?? '').split(':').filter(folder => path.isAbsolute(folder))
  const files = [process.execPath, ...folders.map(folder => path.join(folder, 'node'))]
  const found = new Map<string, string>()
  for (const file of files) {
    const version = await run(file, ['--version']).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    )
    if (version !== null && !found.has(version)) found.set(version, file)
  }
  return [...found].map(([version, file]) => ({ file, version }))
}
