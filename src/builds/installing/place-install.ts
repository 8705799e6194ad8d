// Puts a cached install into a workspace: by one link, or, where packages of the repository itself are among the
// dependencies, by a folder of links, or by a copy for builds that write into it (a prebuild command may).
import { mkdir, readdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { removeFolder } from '../folders.ts'
import type { Install, Modules } from './install-cache.ts'

export async function linkInstall(install: Install, source: string): Promise<void> {
  for (const modules of install.modules) {
    const from = path.join(install.tree, modules.path)
    const to = path.join(source, modules.path)
    await removeFolder(to)
    await mkdir(path.dirname(to), { recursive: true })
    if (modules.local.length === 0) await symlink(from, to)
    else await linkEach(from, to, modules.local)
  }
}

/** Links into the repository lead where they did; everything else leads into the cache. */
async function linkEach(from: string, to: string, local: Modules['local']): Promise<void> {
  const scopes = new Set(local.flatMap(({ name }) => (name.includes('/') ? [name.split('/')[0] ?? ''] : [])))
  const targets = new Map(local.map(({ name, target }) => [name, target]))
  await mkdir(to)
  for (const name of await readdir(from)) {
    if (scopes.has(name)) {
      await mkdir(path.join(to, name))
      for (const inner of await readdir(path.join(from, name))) await link(`${name}/${inner}`)
    } else await link(name)
  }
  function link(name: string): Promise<void> {
    return symlink(targets.get(name) ?? path.join(from, name), path.join(to, name))
  }
}

/** `copy` copies a folder, links and modes kept. */
export async function copyInstall(
  install: Install,
  source: string,
  copy: (from: string, to: string) => Promise<void>,
): Promise<void> {
  for (const { path: folder } of install.modules) {
    const to = path.join(source, folder)
    await removeFolder(to)
    await mkdir(path.dirname(to), { recursive: true })
    await copy(path.join(install.tree, folder), to)
  }
}
