// What a version runs, as a list: each file by its path beside the others and by the digest of its content. The list is an
// artifact too, named by its own digest: one of what runs, with the file to start from, one of the source maps. Pure. A list
// that is read is a stranger's: its paths stay below the folder they are put into.
import { z } from 'zod'

const maxFiles = 20_000
const usableSegment = /^(?!\.{1,2}$)[^\p{Cc}\\]{1,255}$/u

const FilePath = z
  .string()
  .max(1_000)
  .refine(path => path.split('/').every(segment => usableSegment.test(segment)), 'leads out of its folder')

const IndexedFile = z.object({
  path: FilePath,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  executable: z.literal(true).optional(),
})
export type IndexedFile = z.infer<typeof IndexedFile>

const BundleIndex = z.object({
  files: z.array(IndexedFile).max(maxFiles),
  /** The file to load; a list of source maps has none. */
  entry: FilePath.optional(),
})
export type BundleIndex = z.infer<typeof BundleIndex>

// No JavaScript begins like this, so that a bundle of one file, as versions had it once, is never taken for a list.
const beginning = '{"files":['

/** The same files give the same bytes, in whatever order they come. */
export function writeIndex(files: readonly IndexedFile[], entry?: string): Buffer {
  const sorted = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, digest, executable }) => ({ path, digest, ...(executable && { executable }) }))
  return Buffer.from(JSON.stringify({ files: sorted, ...(entry !== undefined && { entry }) }))
}

/** Null: it is no list. @throws when it is one that cannot be used. */
export function readIndex(content: Buffer): BundleIndex | null {
  if (content.toString('latin1', 0, beginning.length) !== beginning) return null
  return BundleIndex.parse(JSON.parse(content.toString('utf8')))
}
