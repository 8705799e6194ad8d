// Builds small projects and calls what they hold: a real builder, and the runner's own child processes.
import path from 'node:path'
import type { Pool } from '../../src/db/client.ts'
import type { Runner } from '../../src/executions/ports.ts'
import type { FoundFunction } from '../../src/functions/manifest.ts'
import { createLog } from '../../src/log.ts'
import { createProcessRunner } from '../../src/runner/process.ts'
import { createTestBuilder, isolationOfMachine } from '../support/builder.ts'
import { bareFiles, type Files } from '../support/projects.ts'
import { runOne } from '../support/runner.ts'

export async function createWorkshop(db: Pool) {
  const place = await createTestBuilder(db)
  const runner: Runner = createProcessRunner({
    artifacts: place.artifacts,
    folder: path.join(place.folders.builds, '../runner'),
    concurrency: 1,
    environmentFor: () => ({ DEFER_TOKEN: 'test', SECRET_KEY: 'hush', PUBLIC_NAME: 'shop' }),
    isolation: isolationOfMachine,
    log: createLog('silent'),
  })
  let projects = 0

  async function buildIn(folder: string, files: Files, root = '.') {
    const environment = await place.environment({ root: path.join(folder, root) })
    const own = Object.entries({ ...bareFiles, ...files }).map(([name, text]) => [`${folder}/${name}`, text])
    const built = await place.build(environment.id, Object.fromEntries(own))
    return { ...built, log: await place.log(built.id) }
  }

  return {
    place,

    /** Each project has a folder of the repository to itself; `root` is below it. */
    build: (files: Files, root?: string) => buildIn(`project-${projects++}`, files, root),

    /** Always in the same folder, which holds nothing else afterwards. */
    async rebuild(folder: string, files: Files) {
      const { failure, manifest } = await buildIn(folder, files)
      if (failure) throw new Error(failure.message)
      const names = Object.keys({ ...bareFiles, ...files }).map(name => [`${folder}/${name}`, null])
      await place.source.commit(Object.fromEntries(names))
      return manifest ?? []
    },

    /** The same project once more, at another commit. */
    async buildAgain({ environmentId }: { environmentId: string }) {
      return place.build(environmentId, { 'README.md': String(projects++) })
    },

    async call(found: FoundFunction, ...args: unknown[]): Promise<unknown> {
      const attempt = {
        executionId: 'e1',
        number: 1,
        environmentId: 'env1',
        functionId: found.name,
        functionName: found.name,
        versionId: `${found.name} ${found.bundleDigest}`,
        bundleDigest: found.bundleDigest,
        sourceMapDigest: found.sourceMapDigest,
        arguments: JSON.stringify(args),
        maxDurationMs: 10_000,
      }
      const exit = await runOne(runner, attempt)
      return exit.kind === 'returned' ? JSON.parse(exit.result ?? 'null') : exit
    },

    /** What each function of the project returns when it is called without arguments, by name. */
    async results(files: Files, root?: string): Promise<Record<string, unknown>> {
      const { failure, manifest } = await this.build(files, root)
      if (failure) throw new Error(failure.message)
      const returned: Record<string, unknown> = {}
      for (const found of manifest ?? []) returned[found.name] = await this.call(found)
      return returned
    },

    async close() {
      await runner.stop()
      await place.close()
    },
  }
}
