// Digests of the modules that were bundled. Of the repository's own code what is left of it without comments and types; of
// installed packages the file as it is, read once for each install, because what is installed never changes; of modules that
// we make up ourselves their text.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { language } from './bundler.ts'
import { fileOf } from './loaders.ts'
import { createPackageTraits } from './package-traits.ts'
import { rememberDigests } from './remembered-digests.ts'

interface Places {
  source: string
  /** Where the installed packages lie; null: there are none. */
  tree: string | null
}

/** `made`: the text of an input that is no file; `compiled`: files whose types count too. */
export async function digestModules(
  inputs: string[],
  { source, tree }: Places,
  made: (input: string) => string | null,
  compiled: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const files = new Map(inputs.map(input => [input, path.join(source, fileOf(input))]))
  const isInstalled = (input: string) => tree !== null && isBelow(tree, files.get(input) ?? '')
  const madeUp = new Map(inputs.flatMap(input => textOf(input, made(input))))
  const real = inputs.filter(input => !madeUp.has(input))
  const installed = real.filter(isInstalled)
  const own = real.filter(input => !isInstalled(input))
  const plain = own.filter(input => isCode(input) && !compiled.has(input))
  const traitsOf = createPackageTraits()
  const digest = async (input: string) => {
    const file = files.get(input) ?? ''
    return digestOf(await readFile(file), traitsOf(path.dirname(file)))
  }
  const [remembered, texts] = await Promise.all([
    rememberDigests(tree, installed, digest),
    withoutTypes(source, plain),
  ])
  const others = own.filter(input => !texts.has(input))
  const read = await Promise.all(others.map(async input => [input, await digest(input)] as const))
  const transformed = [...texts].map(
    ([input, text]) => [input, digestOf(text, traitsOf(path.dirname(files.get(input) ?? '')))] as const,
  )
  return new Map([...madeUp, ...remembered, ...read, ...transformed])
}

function textOf(input: string, text: string | null): [string, string][] {
  return text === null ? [] : [[input, digestOf(text, '')]]
}

/** In packages of the repository's own node_modules comments may count: there may be thousands of files. */
function isCode(input: string): boolean {
  return (
    /\.[cm]?[jt]sx?$/.test(input) && !/^[a-z]+:/.test(input) && !input.split('/').includes('node_modules')
  )
}

/** Each file by itself, as its tsconfig.json has it. */
async function withoutTypes(source: string, inputs: string[]): Promise<Map<string, string>> {
  if (inputs.length === 0) return new Map()
  const { outputFiles } = await build({
    ...language,
    absWorkingDir: source,
    entryPoints: inputs.map((input, index) => ({ in: `./${input}`, out: String(index) })),
    outdir: path.join(source, '.sluice'),
    write: false,
    minifyWhitespace: true,
    logLevel: 'silent',
  })
  const texts = new Map(outputFiles.map(one => [path.basename(one.path, '.js'), one.text]))
  return new Map(inputs.map((input, index) => [input, texts.get(String(index)) ?? '']))
}

function isBelow(folder: string, file: string): boolean {
  return file.startsWith(folder + path.sep)
}

function digestOf(content: string | Buffer, traits: string): string {
  return createHash('sha256').update(content).update('\0').update(traits).digest('hex')
}
