// The least it takes: download, unpack, one call of the same bundler with the same options, its files written, and one process
// that loads all of them. No queue, no database, no checks, no publishing.
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { extract } from 'tar'
import { runBundler } from '../../src/builds/bundling/bundler.ts'
import { entries, entryPoint } from '../../src/builds/bundling/entry.ts'
import type { Repository } from '../world.ts'

const run = promisify(execFile)
const functions = 'src/defer'

export interface Floor {
  /** Milliseconds. */
  measure(): Promise<number>
  close(): Promise<void>
}

/** `modules`: the project's packages, installed. */
export async function createFloor(repository: Repository, modules: string, folder: string): Promise<Floor> {
  const source = path.join(folder, 'source')
  const output = path.join(folder, 'output')
  const loader = path.join(folder, 'load.mjs')
  const archive = path.join(folder, 'source.tar.gz')
  await mkdir(folder)
  await writeFile(loader, 'for (const file of process.argv.slice(2)) await import(file)\nprocess.exit(0)\n')

  async function all(): Promise<void> {
    await mkdir(source)
    await writeFile(archive, Buffer.from(await (await repository.archive()).arrayBuffer()))
    extract({ file: archive, cwd: source, strip: 1, sync: true })
    await symlink(modules, path.join(source, 'node_modules'))
    const files = (await readdir(path.join(source, functions))).map(file => `${functions}/${file}`)
    const made = await runBundler(
      {
        source,
        output,
        entryPoints: files.map((file, index) => entryPoint(file, `entry-${index}`)),
        sharing: true,
        aliases: {},
        plugins: [entries(source, 'defer', true)],
      },
      new AbortController().signal,
    )
    await mkdir(output)
    await Promise.all(made.outputFiles.map(file => writeFile(file.path, file.contents)))
    const loaded = files.map((_, index) => path.join(output, `entry-${index}.mjs`))
    await run(process.execPath, [loader, ...loaded], { env: { DEFER_TOKEN: 'bench' } })
  }

  return {
    async measure() {
      for (const made of [source, output]) await rm(made, { recursive: true, force: true })
      const start = performance.now()
      await all()
      return performance.now() - start
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
