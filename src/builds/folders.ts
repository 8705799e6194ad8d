// Where the builder works below the data folder: one fresh folder for each try of a build, removed with it, and the caches
// that outlive builds. Two processes on one machine may share them.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

export interface Folders {
  builds: string
  installs: string
  /** Of package managers: installing/downloads.ts. */
  downloads: string
  /** Package managers themselves: installing/package-manager-provide.ts. */
  managers: string
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
    downloads: path.join(root, 'cache', 'downloads'),
    managers: path.join(root, 'cache', 'managers'),
    archives: path.join(root, 'cache', 'archives'),
  }
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 })
  return folders
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).map(name => path.join(folder, name))
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

/** Removes what killed builders left behind: their workspaces, and what they did not finish in the caches. */
export async function removeAbandoned(folders: Folders, now: Date): Promise<void> {
  const { builds, installs, downloads, managers } = folders
  const isUnfinished = (file: string) => path.basename(file).startsWith('.') || file.endsWith('.old')
  const caches = await Promise.all([installs, downloads, managers].map(filesIn))
  const entries = [...(await filesIn(builds)), ...caches.flat().filter(isUnfinished)]
  for (const entry of entries) {
    const found = await stat(entry).catch(() => null)
    if (found && now.getTime() - found.mtimeMs > abandonedMs) await removeFolder(entry)
  }
}
