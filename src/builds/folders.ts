// Where the builder works below the data folder: one fresh folder for each try of a build, removed with it, and the caches
// that outlive builds. Two processes on one machine may share them.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

export interface Folders {
  builds: string
  installs: string
  npmCache: string
  /** Of commits: archive/archive-cache.ts. */
  archives: string
}

/** A try's own folder and its parts. */
export interface Workspace {
  root: string
  /** The repository, once it is fetched. */
  source: string
  /** The home folder of what the build runs: nobody's settings. */
  home: string
  temporary: string
  bundles: string
}

// Longer than any build may take: whoever made it is gone.
const abandonedMs = 60 * 60_000

/** Real paths, because bundles name what they contain by its path relative to these. */
export async function prepareFolders(dataDir: string): Promise<Folders> {
  await mkdir(dataDir, { recursive: true })
  const root = await realpath(dataDir)
  const folders = {
    builds: path.join(root, 'builds'),
    installs: path.join(root, 'cache', 'installs'),
    npmCache: path.join(root, 'cache', 'npm'),
    archives: path.join(root, 'cache', 'archives'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 })
  return folders
}

export async function createWorkspace(folders: Folders, buildId: string): Promise<Workspace> {
  const root = await mkdtemp(path.join(folders.builds, `${buildId}-`)) // 0700
  const workspace = {
    root,
    source: path.join(root, 'source'),
    home: path.join(root, 'home'),
    temporary: path.join(root, 'tmp'),
    bundles: path.join(root, 'bundles'),
  }
  for (const folder of [workspace.home, workspace.temporary, workspace.bundles]) await mkdir(folder)
  return workspace
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => removeClosed(folder))
}

/** Strangers leave folders that nobody may enter, and paths longer than a path may be: these two go down step by step. */
async function removeClosed(folder: string): Promise<void> {
  const run = promisify(execFile)
  await run('chmod', ['-R', 'u+rwx', '--', folder]).catch(() => {}) // what is wrong, rm says
  await run('rm', ['-rf', '--', folder])
}

/** Removes what killed builders left behind: their workspaces, and installs they did not finish. */
export async function removeAbandoned({ builds, installs }: Folders, now: Date): Promise<void> {
  const unfinished = (await readdir(installs)).filter(name => name.startsWith('.') || name.endsWith('.old'))
  const entries = [
    ...(await readdir(builds)).map(name => path.join(builds, name)),
    ...unfinished.map(name => path.join(installs, name)),
  ]
  for (const entry of entries) {
    const found = await stat(entry).catch(() => null)
    if (found && now.getTime() - found.mtimeMs > abandonedMs) await removeFolder(entry)
  }
}
