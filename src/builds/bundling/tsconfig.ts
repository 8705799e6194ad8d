// What the tsconfig.json of a file says of its classes, where the bundler itself does not write what it asks for: metadata of
// decorated ones. Through `extends`, of files and of packages, and, where only a referenced project says it, from that one.
import { foldersUp, join } from '../project-files.ts'
import {
  type Configuration,
  extendedFiles,
  type Options,
  readConfiguration,
  referencedFiles,
} from '../tsconfig-files.ts'

export interface ClassSettings {
  /** Decorators are those of TypeScript before the standard, and write the types they stand at. */
  decoratorMetadata: boolean
  /** Fields are defined as the standard has it, not assigned in the constructor. */
  defineFields: boolean
}

interface Found {
  file: string
  options: Options
  references: string[]
}

const maxExtends = 10
const ofTests = /spec|test|e2e/

/** `places`: folders laid out as the repository is; the first is the repository, where what it extends may lie elsewhere. */
export function createClassSettings(places: string[]): (folder: string) => Promise<ClassSettings> {
  const known = new Map<string, Promise<ClassSettings>>()
  return folder => {
    const found = known.get(folder) ?? readSettings(places, folder)
    known.set(folder, found)
    return found
  }
}

async function readSettings(places: string[], folder: string): Promise<ClassSettings> {
  for (const above of foldersUp(folder)) {
    const found = await read(places, join(above, 'tsconfig.json'), maxExtends)
    if (found === null) continue
    const own = settingsOf(found.options)
    if (found.options.emitDecoratorMetadata !== undefined) return own
    return (await firstWithMetadata(places, found)) ?? own
  }
  return settingsOf({})
}

async function firstWithMetadata(
  places: string[],
  { file, references }: Found,
): Promise<ClassSettings | null> {
  for (const reference of references.filter(name => !ofTests.test(name))) {
    const found = await readFirst(places, referencedFiles(file, reference), maxExtends)
    const settings = settingsOf(found?.options ?? {})
    if (settings.decoratorMetadata) return settings
  }
  return null
}

function settingsOf(options: Options): ClassSettings {
  const { emitDecoratorMetadata, experimentalDecorators, useDefineForClassFields, target } = options
  return {
    decoratorMetadata: emitDecoratorMetadata === true && experimentalDecorators === true,
    // Where nothing is said, as the bundler takes it.
    defineFields: useDefineForClassFields ?? (target === undefined || isModern(target)),
  }
}

function isModern(target: string): boolean {
  return /^esnext$/i.test(target) || Number(/^es(\d{4})$/i.exec(target)?.[1] ?? 0) >= 2022
}

/** Of the first of the files that is there, wherever that is. */
async function readFirst(places: string[], files: string[], left: number): Promise<Found | null> {
  for (const file of files) {
    const found = await read(places, file, left)
    if (found) return found
  }
  return null
}

async function read(places: string[], file: string, left: number): Promise<Found | null> {
  const configuration = left > 0 ? await readAt(places, file) : null
  if (configuration === null) return null
  const options: Options = {}
  for (const base of configuration.extends)
    Object.assign(options, (await readFirst(places, extendedFiles(file, base), left - 1))?.options)
  return {
    file,
    options: Object.assign(options, configuration.compilerOptions),
    references: configuration.references,
  }
}

async function readAt(places: string[], file: string): Promise<Configuration | null> {
  for (const place of places) {
    const configuration = await readConfiguration(place, file)
    if (configuration) return configuration
  }
  return null
}
