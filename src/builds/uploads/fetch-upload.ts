// Step 1 of a build of what was uploaded: its archive from the artifact store, unpacked into the workspace under the same rules
// by which it was accepted.
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { extractUpload } from '../archive/extract.ts'
import { type Failed, failed } from '../failure.ts'
import type { Sources } from '../steps/fetch.ts'
import type { Uploaded } from '../store.ts'
import type { Tools } from '../tools.ts'
import { findUploadProject } from './upload-project.ts'

export async function fetchUpload({ digest }: Uploaded, tools: Tools): Promise<Sources | Failed> {
  const { workspace, artifacts, signal } = tools
  const archive = path.join(workspace.root, 'upload.tar.gz')
  const content = await artifacts.get(digest)
  await writeFile(archive, content)
  try {
    const unpacked = await extractUpload(archive, workspace.source, signal)
    if (unpacked.kind !== 'unpacked')
      return failed('archive_refused', `The uploaded archive was refused: ${unpacked.reason}.`)
    tools.say(
      `Archive ${digest.slice(0, 12)}: ${unpacked.files} files, ${Math.ceil(content.length / 1_000)} kB packed`,
    )
    const found = await findUploadProject(workspace.source)
    if (found.kind === 'mistake')
      return failed(
        found.code === 'package_json_invalid' ? found.code : 'package_json_missing',
        found.message,
      )
    const { folder, entry } = found
    return { source: workspace.source, pointers: [], uploaded: { folder, entry } }
  } finally {
    await rm(archive, { force: true })
  }
}
