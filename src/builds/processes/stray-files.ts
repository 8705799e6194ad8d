// Looks through what a stranger's command left, before we read it ourselves, out of its sandbox: nothing in there but files,
// folders, and links that lead where the command itself could read.
import { readdir, readlink, realpath } from 'node:fs/promises'
import path from 'node:path'

// Of every machine the same, and no secret.
const common = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/nix/store', path.dirname(process.execPath)]

/** In words, the first that is not: a link that leaves `within`, or something that is no file. Null: all is well. */
export async function findStray(folder: string, within: readonly string[]): Promise<string | null> {
  const allowed = [...within, ...common]
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const file = path.join(next, entry.name)
      const shown = path.relative(folder, file)
      if (entry.isDirectory()) folders.push(file)
      else if (entry.isSymbolicLink()) {
        if (!(await leadsInto(file, allowed))) return `the link ${shown}, which leads out of the repository`
      } else if (!entry.isFile()) return `${shown}, which is no file`
    }
  }
  return null
}

async function leadsInto(link: string, folders: readonly string[]): Promise<boolean> {
  // What leads nowhere today may lead somewhere tomorrow.
  const lexical = async () => path.resolve(path.dirname(link), await readlink(link))
  const target = await realpath(link).catch(lexical)
  return folders.some(folder => target === folder || target.startsWith(folder + path.sep))
}
