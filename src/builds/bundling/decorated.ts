// What happens to the repository's own code before it is bundled. Decorated classes whose tsconfig asks for the types at their
// decorators, for whoever reads them at run time (NestJS, TypeORM), are compiled by another compiler, because the bundler does
// not write those; and code that names files by its own place is told the place where they are shipped.
import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import path from 'node:path'
import type { Loader, Message, OnLoadResult, Plugin } from 'esbuild'
import type { Compiled, DecoratorCompiler } from './decorator-compiler.ts'
import { lookUpTypes, typesOf } from './metadata-types.ts'
import type { OwnFiles } from './own-files.ts'
import { decoratorLines } from './plain-javascript.ts'
import { type ClassSettings, createClassSettings } from './tsconfig.ts'

/** Files by their names in the bundler's messages. */
type Maps = Map<string, { map: SourceMap; text: string }>

/**
 * `installs`: where the dependencies lie, laid out as the repository is. The compiler is stopped with the bundler.
 * `inSources` turns the bundler's messages about compiled files into what they say about the sources; `compiled`: which they are.
 */
export function decoratorMetadata(
  source: string,
  installs: string | null,
  compiler: DecoratorCompiler,
  rewrite: OwnFiles['rewrite'],
): { plugin: Plugin; inSources(messages: Message[]): Message[]; compiled(): string[] } {
  const settingsOf = createClassSettings([source, ...(installs === null ? [] : [installs])])
  const maps: Maps = new Map()
  const plugin: Plugin = {
    name: 'decorator metadata',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path: file }) => {
        const name = path.relative(source, file)
        if (name.startsWith('..') || name.split(path.sep).includes('node_modules')) return null
        const text = await readFile(file, 'utf8')
        const own = await rewrite(name, text)
        const settings = isTypeScript(file) ? await settingsOf(path.dirname(name)) : null
        if (settings?.decoratorMetadata && decoratorLines(text).length > 0)
          return compile(own, name, settings, compiler, maps)
        return own === text ? null : { contents: own, loader: loaderOf(file) }
      })
      build.onResolve(
        { filter: new RegExp(`^${typesOf}`) },
        async ({ path: asked, kind, importer, resolveDir }) => {
          const found = await build.resolve(asked.slice(typesOf.length), { kind, importer, resolveDir })
          // A package of types alone is nowhere when the code runs.
          return found.errors.length > 0 ? { path: asked, namespace: 'types alone' } : found
        },
      )
      build.onLoad({ filter: /.*/, namespace: 'types alone' }, () => ({ contents: '' }))
      build.onDispose(() => compiler.stop())
    },
  }
  return {
    plugin,
    inSources: messages => messages.filter(one => !isAboutTypes(one)).map(one => inSource(one, maps)),
    compiled: () => [...maps.keys()],
  }
}

/** What a name that is a type alone makes the bundler say. */
function isAboutTypes({ id, location }: Message): boolean {
  return id === 'import-is-undefined' && /\b__types\d+\./.test(location?.lineText ?? '')
}

function inSource(message: Message, maps: Maps): Message {
  const { location } = message
  const compiled = maps.get(location?.file ?? '')
  if (!location || !compiled) return message
  const found = compiled.map.findEntry(location.line - 1, location.column)
  if (!('originalLine' in found)) return message
  const { originalLine, originalColumn } = found
  const lineText = compiled.text.split('\n')[originalLine] ?? ''
  return { ...message, location: { ...location, line: originalLine + 1, column: originalColumn, lineText } }
}

async function compile(
  text: string,
  file: string,
  { defineFields }: ClassSettings,
  compiler: DecoratorCompiler,
  maps: Maps,
): Promise<OnLoadResult> {
  const compiled = await compiler.compile({ name: path.basename(file), text, defineFields })
  if ('error' in compiled) return { errors: [errorOf(compiled.error, file, text)] }
  maps.set(file, { map: new SourceMap(JSON.parse(compiled.map)), text })
  // As TypeScript, because what is imported and no longer used was a type.
  return { contents: `${lookUpTypes(compiled.code, text)}\n${linkedMap(compiled)}`, loader: loaderOf(file) }
}

function isTypeScript(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file)
}

function loaderOf(file: string): Loader {
  return `${isTypeScript(file) ? 'ts' : 'js'}${file.endsWith('x') ? 'x' : ''}`
}

function linkedMap({ map }: Exclude<Compiled, { error: string }>): string {
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`
}

/** The compiler says "x Expected ';'", then the place as ",-[name.ts:3:7]", then the lines around it. */
function errorOf(message: string, file: string, text: string) {
  const [, said = message] = /^\s*[x×]\s+(.+)$/m.exec(message) ?? []
  const [, line = '1', column = '1'] = /\[[^\]]*:(\d+):(\d+)\]/.exec(message) ?? []
  const lineText = text.split('\n')[Number(line) - 1] ?? ''
  return { text: said, location: { file, line: Number(line), column: Number(column) - 1, lineText } }
}
