// Lays what bundles run into their folder, as they will run it. Copied, because what loads the bundles is a stranger's code, and
// what it is copied from is of many builds.
import { constants, copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Bundle } from '../bundling/outputs.ts'
import { someAtOnce } from '../some-at-once.ts'

const filesAtOnce = 16

export async function layOut(bundles: Bundle[], folder: string): Promise<void> {
  const files = new Map(bundles.flatMap(bundle => bundle.files.map(({ path: name, from }) => [name, from])))
  const elsewhere = [...files].filter(([name, from]) => from !== path.join(folder, name))
  for (const parent of new Set(elsewhere.map(([name]) => path.dirname(name))))
    await mkdir(path.join(folder, parent), { recursive: true })
  await someAtOnce(elsewhere, filesAtOnce, ([name, from]) =>
    copyFile(from, path.join(folder, name), constants.COPYFILE_FICLONE),
  )
}
