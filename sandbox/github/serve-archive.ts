// The address an archive is redirected to: a one-time, signed-in-advance download that needs no credentials.
import type { ServerResponse } from 'node:http'
import { need } from '../http/reply.ts'
import { redeemCode } from './apps.ts'
import { sendArchive } from './git/files.ts'
import { directoryOf, repositoryById, type World } from './world.ts'

const prefix = '/_codeload/'

export const isArchivePath = (path: string) => path.startsWith(prefix)

export async function serveArchive(world: World, url: URL, response: ServerResponse): Promise<void> {
  const {
    repository: id,
    sha,
    format,
  } = need(redeemCode(world, 'archive', url.searchParams.get('token') ?? ''))
  const repository = repositoryById(world, id)
  const folder = `${repository.owner}-${repository.name}-${sha.slice(0, 7)}`
  await sendArchive(directoryOf(world, repository), sha, folder, format, response)
}
