// Decorated classes: of the standard, of TypeScript before it, and with the types NestJS reads to inject what constructors ask for.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { connect, type Database } from '../../src/db/client.ts'
import { freshDatabase } from '../support/postgres.ts'
import type { Files } from '../support/projects.ts'
import { createWorkshop } from './builds-bundling-setup.ts'

let database: Database
let workshop: Awaited<ReturnType<typeof createWorkshop>>
beforeAll(async () => {
  database = connect(await freshDatabase(inject('postgresUrl')), { max: 10, name: 'decorators test' })
  workshop = await createWorkshop(database.db)
})
afterAll(async () => {
  await workshop.close()
  await database.close()
})

/** What the project's only function returns. */
async function result(files: Files, root?: string): Promise<unknown> {
  const { failure, manifest, log } = await workshop.build(files, root)
  expect(failure, log.join('\n')).toBeNull()
  const [only] = manifest ?? []
  if (!only) throw new Error('no function was found')
  return workshop.call(only)
}

const options = (more: object = {}) =>
  JSON.stringify({ compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true, ...more } })

/** Reflect.metadata as reflect-metadata has it, as far as it is needed here. */
const reflect = `export const seen: unknown[] = []
const names = (value: unknown): unknown => Array.isArray(value) ? value.map(names) : (value as { name: string }).name
Object.assign(Reflect, {
  metadata: (key: string, value: unknown) => (_: unknown, member?: string) =>
    key === 'design:paramtypes' && void seen.push([member ?? 'class', names(value)]),
})
`
const look = `import { seen } from '../lib/reflect.ts'
import '../lib/mailer.ts'
export default async function look() { return seen }
`
const plain = 'const Noted: any = () => () => {}\n'

describe('decorators without metadata', () => {
  test('of the standard', async () => {
    const named = await result({
      'functions/send.ts': `const named = (target: unknown, { name }: { name: unknown }) => (...args: unknown[]) => [name, ...args]
class Mailer { @named send(to: string) { return to } }
export default async function send() { return new Mailer().send('ada') }
`,
    })
    expect(named).toEqual(['send', 'ada'])
  })

  test('of TypeScript before it', async () => {
    const names = await result({
      'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
      'functions/send.ts': `const names: string[] = []
const Noted = () => (target: new () => object) => void names.push(target.name)
@Noted()
export class Mailer {}
export default async function send() { return names }
`,
    })
    expect(names).toEqual(['Mailer'])
  })
})

describe('decorators with metadata', () => {
  test('name classes, what is no class when the code runs, and what the language has', async () => {
    const seen = await result({
      'tsconfig.json': options(),
      'lib/reflect.ts': reflect,
      'lib/types.ts':
        'export interface Settings { from: string }\nexport class Clock {}\nexport type Id = string\n',
      'lib/default.ts': 'export default class Store {}\n',
      'lib/mailer.ts': `import './reflect.ts'
import { Clock, type Id, Settings, Clock as Watch } from './types.ts'
import Store from './default.ts'
import { Handler } from 'only-types'
import type { Request } from './types.ts'
${plain}
interface Response { ok: boolean }
@Noted()
export class Mailer {
  constructor(clock: Clock, watch: Watch, settings: Settings, id: Id, store: Store, handler: Handler, request: Request, response: Response, when: Date, own?: Mailer) {}
  @Noted() send(to: string, all: string[]): Promise<void> { return Promise.resolve() }
}
`,
      'functions/look.ts': look,
    })
    expect(seen).toEqual([
      ['send', ['String', 'Array']],
      [
        'class',
        ['Clock', 'Clock', 'Object', 'Object', 'Store', 'Object', 'Object', 'Object', 'Date', 'Object'],
      ],
    ])
  })

  test('classes of two files that name each other', async () => {
    const seen = await result({
      'tsconfig.json': options(),
      'lib/reflect.ts': reflect,
      'lib/mailer.ts': `import './reflect.ts'\nimport { Other } from './other.ts'\n${plain}@Noted()\nexport class Mailer { constructor(other: Other) {} }\n`,
      'lib/other.ts': `import './reflect.ts'\nimport { Mailer } from './mailer.ts'\n${plain}@Noted()\nexport class Other { constructor(mailer: Mailer) {} }\n`,
      'functions/look.ts': look,
    })
    expect(seen).toEqual([
      ['class', ['Object']],
      ['class', ['Other']],
    ])
  })

  test.each<[string, object, unknown]>([
    ['are assigned before the standard', { target: 'ES2021' }, ['clock', 'clock']],
    ['are defined as the standard has it', { target: 'ES2022' }, ['clock', null]],
    [
      'are assigned where that is asked for',
      { target: 'ES2022', useDefineForClassFields: false },
      ['clock', 'clock'],
    ],
  ])('fields %s', async (_, more, expected) => {
    const returned = await result({
      'tsconfig.json': options(more),
      'functions/send.ts': `${plain}@Noted()
class Mailer {
  copy = this.clock
  constructor(private readonly clock: string) {}
  both() { return [this.clock, this.copy] }
}
export default async function send() { return new Mailer('clock').both() }
`,
    })
    expect(returned).toEqual(expected)
  })

  const decorated = (to: string) => ({
    [`${to}lib/reflect.ts`]: reflect,
    [`${to}lib/mailer.ts`]: `import './reflect.ts'\n${plain}@Noted()\nexport class Mailer { constructor(text: string) {} }\n`,
    [`${to}functions/look.ts`]: look,
  })
  test.each<[string, Files]>([
    [
      'extends, over two files',
      {
        'tsconfig.json': '{ "extends": "./a" }',
        'a.json': '{ "extends": ["./b.json"] }',
        'b.json': options(),
      },
    ],
    [
      'a referenced project, where the first file is only a list',
      {
        'tsconfig.json':
          '{ "files": [], "references": [{ "path": "./tsconfig.spec.json" }, { "path": "./tsconfig.app.json" }] }',
        'tsconfig.app.json': options(),
      },
    ],
    [
      'a package of the workspace',
      {
        'tsconfig.json': '{ "extends": "@own/config/nest.json", }',
        'node_modules/@own/config/nest.json': `// comments\n${options()}`,
      },
    ],
  ])('are asked for by %s', async (_, files) => {
    expect(await result({ ...files, ...decorated('') })).toEqual([['class', ['String']]])
  })

  test('are not written where nothing asks for them', async () => {
    const files = { 'tsconfig.json': options({ emitDecoratorMetadata: false }), ...decorated('') }
    expect(await result(files)).toEqual([])
  })

  test.each([
    ['a mistake', 'class {', /^project-\d+\/functions\/send.ts:3:\d+: Expected/],
    [
      'what ends the compiler',
      `const x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
      /functions\/send.ts:1:1: .*nested too deeply/,
    ],
  ])('%s is told with its file', async (_, code, message) => {
    const { failure } = await workshop.build({
      'tsconfig.json': options(),
      'functions/send.ts': `@Noted()\nclass A {}\n${code}\nexport default async function send() {}\n`,
    })
    expect(failure).toMatchObject({ code: 'compile_failed', message: expect.stringMatching(message) })
  })
})

describe('NestJS', () => {
  const project = async (): Promise<Files> => ({
    'package.json': await fixture('package.json'),
    'package-lock.json': await fixture('package-lock.json'),
    'tsconfig.json': options({ target: 'ES2023', module: 'nodenext' }),
    'src/clock.service.ts': `import { Injectable } from '@nestjs/common'
@Injectable()
export class ClockService { now() { return 'noon' } }
`,
    'src/greet.service.ts': `import { Inject, Injectable } from '@nestjs/common'
import { ClockService } from './clock.service'
import { GreetOptions } from './options'
@Injectable()
export class GreetService {
  constructor(private readonly clock: ClockService, @Inject('OPTIONS') private readonly options: GreetOptions) {}

  greet(name: string) {
    if (name === 'nobody') throw new Error('nobody to greet')
    return \`\${this.options.greeting} \${name}, it is \${this.clock.now()}\`
  }
}
`,
    'src/options.ts': 'export interface GreetOptions { greeting: string }\n',
    'src/app.module.ts': `import { Module } from '@nestjs/common'
import { ClockService } from './clock.service'
import { GreetService } from './greet.service'
@Module({ providers: [ClockService, GreetService, { provide: 'OPTIONS', useValue: { greeting: 'Hello' } }] })
export class AppModule {}
`,
    'functions/greet.ts': `import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from '../src/app.module'
import { GreetService } from '../src/greet.service'
export default async function greet(name: string) {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
  try { return app.get(GreetService).greet(name) } finally { await app.close() }
}
`,
  })
  const fixture = (name: string) =>
    readFile(path.resolve(import.meta.dirname, '../fixtures/nestjs', name), 'utf8')

  test('an application context injects by type, and packages it does not have are no matter', async () => {
    const { failure, manifest, log } = await workshop.build(await project())
    expect(failure, log.join('\n')).toBeNull()
    expect(log).toContain(
      'compiling: warning: @nestjs/microservices is not installed, and @nestjs/core can use it',
    )
    const [greet] = manifest ?? []
    if (!greet) throw new Error('greet is missing')
    expect(await workshop.call(greet, 'Ada')).toBe('Hello Ada, it is noon')
    const failed = await workshop.call(greet, 'nobody')
    expect(failed).toMatchObject({
      kind: 'threw',
      error: {
        message: 'nobody to greet',
        stack: expect.stringMatching(/at GreetService.greet \(.*src\/greet.service.ts:9:\d+\)/),
      },
    })
  })

  test('what the own code imports must be there', async () => {
    const files = await project()
    const { failure } = await workshop.build({
      ...files,
      'src/clock.service.ts': `import '@nestjs/microservices'\n${files['src/clock.service.ts']}`,
    })
    expect(failure).toMatchObject({
      code: 'compile_failed',
      message: expect.stringMatching(
        /^project-\d+\/src\/clock.service.ts:1:8: The package "@nestjs\/microservices" is not installed.*$/,
      ),
      annotations: [{ startLine: 1 }],
    })
  })
})
