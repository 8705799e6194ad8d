// Which of a project's files are background functions: the folder named `defer`, one a project at any depth, and in it one
// function a file. Pure: a list of paths in, the answer out.
import { type Failed, failed } from './failure.ts'

export const folderName = 'defer'

const extension = /\.[cm]?[jt]sx?$/
const declaration = /\.d\.[cm]?ts$/
const testFile = /[._](spec|test)\.[cm]?[jt]sx?$/
const testFolders = new Set(['spec', 'test', 'specs', 'tests'])

export interface FunctionsFolder {
  folder: string
  /** Sorted; relative to what the given paths are relative to. */
  files: string[]
  /** Other folders of the name, deeper down, that were left alone. */
  ignored: string[]
}

/** `paths`: all files of the project below `root`, node_modules apart; `root` itself may be the functions' folder. */
export function findFunctionsFolder(root: string, paths: string[]): FunctionsFolder | Failed {
  const byFolder = Map.groupBy(paths.filter(isFunctionFile), path => functionsFolderOf(path, root))
  const folders = [...byFolder.keys()].filter(folder => folder !== null).sort(shallowFirst)
  const [folder, second] = folders
  if (folder === undefined) return missing(root, paths)
  if (second !== undefined && depth(second) === depth(folder)) {
    const same = folders.filter(other => depth(other) === depth(folder))
    return failed(
      'functions_folder_ambiguous',
      `There are ${same.length} folders named "${folderName}", and a project has one: ${same.join(', ')}. Set the environment's root in .github/sluice.yml to the project meant, for example "${parentOf(folder)}".`,
    )
  }
  return { folder, files: (byFolder.get(folder) ?? []).sort(), ignored: folders.slice(1) }
}

function isFunctionFile(path: string): boolean {
  return extension.test(path) && !declaration.test(path) && !testFile.test(path)
}

/** The outermost folder of the name that holds `path`; null: none does, or the file is among its tests. */
function functionsFolderOf(path: string, root: string): string | null {
  const parts = path.split('/').slice(0, -1)
  const rootDepth = root === '.' ? 0 : root.split('/').length
  const rootIsIt = rootDepth > 0 && parts[rootDepth - 1] === folderName
  const at = rootIsIt ? rootDepth - 1 : parts.indexOf(folderName, rootDepth)
  if (at === -1) return null
  if (parts.slice(at + 1).some(part => testFolders.has(part))) return null
  return parts.slice(0, at + 1).join('/')
}

function missing(root: string, paths: string[]): Failed {
  const where = root === '.' ? 'the repository' : `"${root}"`
  const empty = paths.some(path => path.split('/').slice(0, -1).includes(folderName))
  if (empty)
    return failed(
      'functions_missing',
      `The folder "${folderName}" in ${where} holds no function: looked there for .js, .ts, .jsx, .tsx, .mjs, .mts, .cjs and .cts files, tests apart. Add a file whose default export is made with defer().`,
    )
  return failed(
    'functions_missing',
    `There is no folder named "${folderName}": looked in ${where} and all folders below it, node_modules and hidden ones apart. Put each background function into a file of its own in it, or set the environment's root in .github/sluice.yml.`,
  )
}

function depth(path: string): number {
  return path.split('/').length
}

function shallowFirst(a: string, b: string): number {
  return depth(a) - depth(b) || (a < b ? -1 : 1)
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/') || '.'
}
