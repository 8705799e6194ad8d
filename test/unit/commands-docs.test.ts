// docs/commands.md against the code: the table is the registry, and no reason code is missing or made up.
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { roleNeeded } from '../../src/commands/permissions.ts'
import { registry } from '../../src/commands/registry.ts'
import { defaultRepositoryFile } from '../../src/environments/repository-file.ts'

const root = path.resolve(import.meta.dirname, '../..')
const text = readFileSync(path.join(root, 'docs/commands.md'), 'utf8')

test('the table holds every command with its roles', () => {
  const rows = registry.map(command => {
    const roleOn = (preview: boolean) => roleNeeded(command, preview, defaultRepositoryFile).role
    return `| \`${command.usage.replaceAll('|', '\\|')}\` | ${roleOn(true)} | ${roleOn(false)} | ${command.help} |`
  })
  expect(text.split('\n').filter(line => line.startsWith('| `/'))).toEqual(rows)
})

test('every reason code of a command is there, and no other', () => {
  const files = [
    'src/commands/*.ts',
    'src/functions/*.ts',
    'src/builds/promot*.ts',
    'src/builds/deploy-built.ts',
  ].flatMap(glob => globSync(glob, { cwd: root }))
  const used = files.flatMap(file =>
    [
      ...readFileSync(path.join(root, file), 'utf8').matchAll(
        /(?:(?:refused|done|noop|misused)\(\s*|\bcode: |\breasonCode: )'([a-z_]+)'/g,
      ),
    ].map(([, code = '']) => code),
  )
  const told = [...(text.split('## Reason codes')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(
    ([, code = '']) => code,
  )
  // Nobody is answered with it: it was no command.
  expect([...new Set(told)].sort()).toEqual([...new Set(used)].filter(code => code !== 'ignored').sort())
})
