// Looks at an archive before it is kept: unpacked once, aside, under the rules the builder unpacks it by, so that whoever uploaded it
// is told at once what is wrong with it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import PQueue from 'p-queue'
import { extractUpload } from '../../builds/archive/extract.ts'
import { findUploadProject } from '../../builds/uploads/upload-project.ts'
import { AppError } from '../../errors.ts'

// Each takes a thread and, for a moment, what it unpacks to.
const turns = new PQueue({ concurrency: 2 })
const longestMs = 60_000

/** @throws AppError `invalid`, whose details say the reason's own code. */
export function checkArchive(content: Buffer): Promise<void> {
  return turns.add(() => check(content))
}

async function check(content: Buffer): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-upload-'))
  try {
    const archive = path.join(folder, 'archive.tar.gz')
    const source = path.join(folder, 'source')
    await writeFile(archive, content)
    const unpacked = await extractUpload(archive, source, AbortSignal.timeout(longestMs))
    if (unpacked.kind === 'refused') throw refused(unpacked.code, `it was refused: ${unpacked.reason}`)
    if (unpacked.kind === 'damaged')
      throw refused('damaged', `it cannot be read as a tar.gz: ${unpacked.reason}`)
    const found = await findUploadProject(source)
    if (found.kind === 'mistake') throw new AppError('invalid', found.message, { reason: found.code })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function refused(reason: string, what: string): AppError {
  return new AppError('invalid', `The archive was not taken, ${what}. Pack it without that.`, { reason })
}
