// Git LFS: an archive may hold, in the place of a large file, a small text that says where it is kept. Such a text is not what
// the project means by that file, so it is neither run nor bundled. Pure.
import { annotate, type Failed, failed } from './failure.ts'

const beginning = 'version https://git-lfs.github.com/spec/v1\n'
/** The specification keeps pointers below this. */
export const maxPointerBytes = 1_024

export function isPointer(content: Buffer): boolean {
  return (
    content.length < maxPointerBytes &&
    content.subarray(0, beginning.length).toString('latin1') === beginning &&
    /^oid sha256:[0-9a-f]{64}$/m.test(content.toString('latin1'))
  )
}

export function pointersSaid(pointers: readonly string[]): string {
  const shown = pointers.slice(0, 10).join(', ')
  const more = pointers.length > 10 ? ` and ${pointers.length - 10} more` : ''
  return `warning: kept with Git LFS, so only their pointers are here: ${shown}${more}`
}

/** Null: none of the files is one. */
export function refusePointers(pointers: readonly string[], files: readonly string[]): Failed | null {
  const found = pointers.filter(pointer => files.includes(pointer))
  if (found.length === 0) return null
  const one = found.length === 1
  return failed(
    'lfs_pointer',
    `${found.join(', ')} ${one ? 'is' : 'are'} kept with Git LFS, and the commit's archive holds only ${one ? 'its pointer' : 'their pointers'}. Turn on "Include Git LFS objects in archives" in the repository's settings on GitHub, or keep ${one ? 'it' : 'them'} out of Git LFS.`,
    found.map(file => annotate(file, 1, 'This file is a Git LFS pointer.')),
  )
}
