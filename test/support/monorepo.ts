// A repository of three projects on one branch, two of which need a package of it: pushed, admitted and built as the product
// does, over real git.
import { and, asc, eq } from 'drizzle-orm'
import { syncBranch } from '../../src/builds/admission/sync-branch.ts'
import type { Pool } from '../../src/db/client.ts'
import { builds, environments } from '../../src/db/schema.ts'
import { createTestBuilder } from './builder.ts'
import { bare, type Files } from './projects.ts'

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const names = ['bills', 'jobs', 'web']

const packageOf = (name: string) => {
  const dependencies = name === 'web' ? {} : { '@mono/mail': '*' }
  return { name: `@mono/${name}`, version: '1.0.0', dependencies }
}

export const monorepo: Files = {
  '.github/sluice.yml': `environments:\n${names.map(name => `  ${name}: { branch: main, root: apps/${name} }\n`).join('')}`,
  'README.md': 'Three projects',
  'package.json': json({ name: 'mono', private: true, type: 'module', workspaces: ['apps/*', 'packages/*'] }),
  'package-lock.json': json({
    name: 'mono',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'mono', workspaces: ['apps/*', 'packages/*'] },
      ...Object.fromEntries(
        names.flatMap(name => [
          [`apps/${name}`, packageOf(name)],
          [`node_modules/@mono/${name}`, { resolved: `apps/${name}`, link: true }],
        ]),
      ),
      'node_modules/@mono/mail': { resolved: 'packages/mail', link: true },
      'packages/mail': { name: '@mono/mail', version: '1.0.0' },
    },
  }),
  'packages/mail/package.json': json({
    name: '@mono/mail',
    version: '1.0.0',
    type: 'module',
    main: 'index.ts',
  }),
  'packages/mail/index.ts': 'export const sender: string = "noreply@example.com"\n',
  'packages/mail/unused.ts': '',
  ...Object.fromEntries(
    names.flatMap(name => [
      [`apps/${name}/package.json`, json({ ...packageOf(name), type: 'module' })],
      [`apps/${name}/defer/${name}.js`, functionOf(name)],
    ]),
  ),
}

/** `web` needs no package of the repository. */
export function functionOf(name: string, value = '1'): string {
  if (name === 'web') return bare(name, `return ${value}`)
  return `import { sender } from '@mono/mail'\n${bare(name, `return [sender, ${value}]`)}`
}

export async function createMonorepo(db: Pool) {
  const place = await createTestBuilder(db)
  const { core, source, repository } = place
  const worked = new Set<unknown>()

  return {
    ...place,
    /** Commits, and lets the push be admitted. */
    async push(files: Files | Record<string, null>): Promise<string> {
      const sha = await source.commit(files)
      await syncBranch({ core, source }, { repositoryId: repository.id, branch: 'main' })
      return sha
    },
    /** Builds what was queued since the last time. */
    async workQueue(): Promise<void> {
      for (const job of core.sent.filter(sent => sent.queue === 'build' && !worked.has(sent))) {
        worked.add(job)
        await place.work(String(job.data.buildId))
      }
    },
    /** The states of an environment's builds, in order of number. */
    async states(name: string): Promise<string[]> {
      return (await this.buildsIn(name)).map(build => build.state)
    },
    async buildsIn(name: string) {
      const rows = await db
        .select({ build: builds })
        .from(builds)
        .innerJoin(environments, eq(environments.id, builds.environmentId))
        .where(and(eq(environments.repositoryId, repository.id), eq(environments.name, name)))
        .orderBy(asc(builds.number))
      return rows.map(row => row.build)
    },
    async environmentOf(name: string) {
      const [row] = await db
        .select()
        .from(environments)
        .where(and(eq(environments.repositoryId, repository.id), eq(environments.name, name)))
      if (!row) throw new Error(`no environment ${name}`)
      return row
    },
    /** Of each environment, what became of the newest push. */
    async newest(): Promise<Record<string, string>> {
      const each = await Promise.all(
        names.map(async name => [name, (await this.states(name)).at(-1) ?? 'none']),
      )
      return Object.fromEntries(each)
    },
  }
}
