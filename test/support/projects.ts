// Small projects as people commit them: files by path. Their dependencies are the real @defer/client, both lines of it.

export type Files = Record<string, string>

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const client2 = {
  version: '2.3.0',
  integrity:
    'sha512-2pCQrasR7+mR5EeOK1NgmP2sXk8Hao4IRnkRLcO2QqJpNJnUJE177m+RhEhp2SCebdIG6MXW4/NwNE5sz/uL8w==',
  dependencies: { 'parse-duration': '^1.1.0' },
}
const client1 = {
  name: '@defer/client',
  version: '1.15.0',
  integrity:
    'sha512-zXvtMEu0XdicpUn5HTAT9UO7+m6H2CpT7JYIGEQqqaZer3IZKDV1bTnEKXKMp/IXTYf5prgJbk+/CM/N98rkmw==',
  dependencies: { 'parse-duration': '^1.1.0' },
}
const parseDuration = {
  version: '1.1.2',
  integrity:
    'sha512-p8EIONG8L0u7f8GFgfVlL4n8rnChTt8O5FSxgxMz2tjc9FMP199wxVKVB6IbKx11uTbKHACSvaLVIKNnoeNR/A==',
}

/** package.json and its lockfile: `@defer/client` is 2.3.0, `defer1` the client of version 1. */
export const packageFiles: Files = {
  'package.json': json({
    name: 'shop',
    private: true,
    type: 'module',
    dependencies: { '@defer/client': '2.3.0', defer1: 'npm:@defer/client@1.15.0' },
  }),
  'package-lock.json': json({
    name: 'shop',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'shop', dependencies: { '@defer/client': '2.3.0', defer1: 'npm:@defer/client@1.15.0' } },
      'node_modules/@defer/client': client2,
      'node_modules/defer1': client1,
      'node_modules/parse-duration': parseDuration,
    },
  }),
}

/** Needs no install. */
export const bareFiles: Files = { 'package.json': json({ name: 'bare', private: true, type: 'module' }) }

/** Its only dependency is a package of the repository itself: an install that asks no registry. */
export const linkedFiles: Files = {
  'package.json': json({ name: 'linked', private: true, type: 'module', workspaces: ['packages/*'] }),
  'packages/mail/package.json': json({
    name: '@linked/mail',
    version: '1.0.0',
    type: 'module',
    main: 'index.js',
  }),
  'packages/mail/index.js': 'export const sender = "noreply@example.com"\n',
  'package-lock.json': json({
    name: 'linked',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'linked', workspaces: ['packages/*'] },
      'node_modules/@linked/mail': { resolved: 'packages/mail', link: true },
      'packages/mail': { name: '@linked/mail', version: '1.0.0' },
    },
  }),
}

/** A background function without the client: what defer() would have made of it. */
export function bare(name: string, body = 'return 1'): string {
  const metadata = json({ name, version: 6, retry: noRetry })
  return `async function ${name}() { ${body} }
const wrapped = async () => ({})
wrapped.__fn = ${name}
wrapped.__metadata = ${metadata}
export default wrapped
`
}

export const noRetry = {
  maxAttempts: 0,
  initialInterval: 30,
  randomizationFactor: 0.5,
  multiplier: 1.5,
  maxInterval: 600,
}

/** The functions are a package of a workspace and import a sibling that is TypeScript. */
export const workspaceFiles: Files = {
  'package.json': json({ name: 'mono', private: true, workspaces: ['packages/*'] }),
  'packages/jobs/package.json': json({
    name: '@mono/jobs',
    version: '1.0.0',
    type: 'module',
    dependencies: { '@defer/client': '2.3.0', '@mono/mail': '*' },
  }),
  'packages/mail/package.json': json({
    name: '@mono/mail',
    version: '1.0.0',
    type: 'module',
    main: 'index.ts',
  }),
  'packages/mail/index.ts': 'export const sender: string = "noreply@example.com"\n',
  'packages/jobs/src/defer/send.ts': `import { defer } from '@defer/client'
import { sender } from '@mono/mail'
async function send() {
  return sender
}
export default defer(send)
`,
  'package-lock.json': json({
    name: 'mono',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'mono', workspaces: ['packages/*'] },
      'node_modules/@defer/client': client2,
      'node_modules/@mono/jobs': { resolved: 'packages/jobs', link: true },
      'node_modules/@mono/mail': { resolved: 'packages/mail', link: true },
      'node_modules/parse-duration': parseDuration,
      'packages/jobs': {
        name: '@mono/jobs',
        version: '1.0.0',
        dependencies: { '@defer/client': '2.3.0', '@mono/mail': '*' },
      },
      'packages/mail': { name: '@mono/mail', version: '1.0.0' },
    },
  }),
}
