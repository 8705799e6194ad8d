// What an uploaded archive holds, once it is unpacked: a package.json (on top, or in the one folder there is, as `npm pack` makes
// it) and the file that is the function. Asked when it is uploaded, so that a mistake is answered at once, and by the builder.
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isFile, join, readText } from '../project-files.ts'

export type UploadMistake = 'package_json_missing' | 'package_json_invalid' | 'entry_missing'

export type UploadProject =
  | { kind: 'found'; folder: string; entry: string }
  | { kind: 'mistake'; code: UploadMistake; message: string }

const PackageFile = z.object({
  main: z.string().max(1_000).optional(),
  exports: z.union([z.string().max(1_000), z.record(z.string(), z.unknown())]).optional(),
})

const extensions = ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx']

export async function findUploadProject(source: string): Promise<UploadProject> {
  const folder = await folderOf(source)
  const text = folder === null ? null : await readText(source, join(folder, 'package.json'))
  if (folder === null || text === null)
    return mistake(
      'package_json_missing',
      'There is no package.json at the top of the archive, nor in its one folder.',
    )
  const named = namedEntry(text)
  if (named === undefined)
    return mistake(
      'package_json_invalid',
      'The package.json of the archive is no JSON, or its "main" no text.',
    )
  const candidates = named === null ? ['index', 'src/index'] : [withoutDot(named)]
  for (const candidate of candidates.flatMap(withExtensions)) {
    if (await isFile(source, join(folder, candidate))) return { kind: 'found', folder, entry: candidate }
  }
  const looked =
    named === null ? 'index or src/index, with an extension of JavaScript or TypeScript' : `"${named}"`
  return mistake(
    'entry_missing',
    `The archive has no file of the function: looked for ${looked}. Name it with "main" in package.json.`,
  )
}

/** Where package.json lies. */
async function folderOf(source: string): Promise<string | null> {
  if (await isFile(source, 'package.json')) return '.'
  const entries = await readdir(source, { withFileTypes: true })
  const [only] = entries
  return entries.length === 1 && only?.isDirectory() ? only.name : null
}

/** Null: it names none; undefined: it cannot be read. */
function namedEntry(text: string): string | null | undefined {
  try {
    const { main, exports } = PackageFile.parse(JSON.parse(text))
    const root = typeof exports === 'object' ? exports['.'] : exports
    return (typeof root === 'string' ? root : main) ?? null
  } catch {
    return undefined
  }
}

const withoutDot = (name: string) => path.posix.normalize(name)
const withExtensions = (name: string) => [name, ...extensions.map(extension => `${name}.${extension}`)]

function mistake(code: UploadMistake, message: string): UploadProject {
  return { kind: 'mistake', code, message }
}
