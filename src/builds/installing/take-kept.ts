// Fills a tree with what another builder installed and kept in the artifact store. What goes wrong with it costs an install.
import { mkdir, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError, codes, messageOf } from '../../errors.ts'
import { extract } from '../archive/extract.ts'
import type { Tools } from '../tools.ts'
import { keptLimits } from './kept-contents.ts'

/** Resolves to whether the tree is filled; it is empty otherwise. */
export async function takeKept(key: string, tree: string, tools: Tools): Promise<boolean> {
  const { keptInstalls: kept } = tools
  if (kept === null) return false
  const archive = path.join(tools.workspace.root, 'install.tar.zst')
  try {
    if (!(await kept.fetch(key, archive))) return false
    await rmdir(tree)
    const unpacked = await extract(archive, tree, tools.signal, keptLimits, 'zstd')
    if (unpacked.kind === 'unpacked') return true
    throw new AppError('internal', unpacked.reason)
  } catch (error) {
    tools.signal.throwIfAborted()
    tools.say(`Dependencies could not be taken from the artifact store: ${messageOf(error)}`)
    // What is not reachable at this moment may be whole.
    const isAway = error instanceof AppError && error.code !== 'internal' && codes[error.code].retryable
    if (!isAway) await kept.forget(key)
    await mkdir(tree, { recursive: true })
    return false
  } finally {
    await rm(archive, { force: true })
  }
}
