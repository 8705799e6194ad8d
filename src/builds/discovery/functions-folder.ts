// Which of a project's files are background functions: the folder named `defer`, one a project at any depth, and in it one
// function a file. A project without one may keep plain functions, which need no import of anything, in a folder named
// `functions`. Pure: a list of paths in, the answer out.
import { type Failed, failed } from '../failure.ts'

/** What a file exports: a function made with defer(), or (in `functions`) a plain one, perhaps with a `config`. */
export type Style = 'defer' | 'plain'

const folderNames = { defer: 'defer', plain: 'functions' } as const satisfies Record<Style, string>

const extension = /\.[cm]?[jt]sx?$/
const declaration = /\.d\.[cm]?ts$/
const testFile = /[._](spec|test)\.[cm]?[jt]sx?$/
const settingsFile = /\.config\.[cm]?[jt]s$/
const testFolders = new Set(['spec', 'test', 'specs', 'tests'])

export interface FunctionsFolder {
  folder: string
  style: Style
  /** Sorted; relative to what the given paths are relative to. */
  files: string[]
  /** Folders that could have been it, and were left alone. */
  ignored: string[]
}

/** `paths`: all files of the project below `root`, node_modules apart; `root` itself may be the functions' folder. */
export function findFunctionsFolder(root: string, paths: string[]): FunctionsFolder | Failed {
  const code = paths.filter(isFunctionFile)
  const plain = filesByFolder(
    folderNames.plain,
    root,
    code.filter(path => !settingsFile.test(path)),
  )
  const defer = filesByFolder(folderNames.defer, root, code)
  if (defer.size > 0) return choose('defer', defer, [...plain.keys()])
  if (plain.size > 0) return choose('plain', plain, [])
  return missing(root, paths)
}

function filesByFolder(name: string, root: string, files: string[]): Map<string, string[]> {
  const byFolder = new Map<string, string[]>()
  for (const file of files) {
    const folder = folderNamed(name, file, root)
    if (folder !== null) byFolder.set(folder, [...(byFolder.get(folder) ?? []), file])
  }
  return byFolder
}

function choose(style: Style, byFolder: Map<string, string[]>, others: string[]): FunctionsFolder | Failed {
  const folders = [...byFolder.keys()].sort(shallowFirst)
  const [folder = '', ...deeper] = folders
  const same = folders.filter(other => depth(other) === depth(folder))
  if (same.length > 1)
    return failed(
      'functions_folder_ambiguous',
      `There are ${same.length} folders named "${folderNames[style]}", and a project has one: ${same.join(', ')}. Set the environment's root in .github/sluice.yml to the project meant, for example "${parentOf(folder)}".`,
    )
  const outside = others.filter(other => !other.startsWith(`${folder}/`)).sort(shallowFirst)
  return { folder, style, files: (byFolder.get(folder) ?? []).sort(), ignored: [...deeper, ...outside] }
}

function isFunctionFile(path: string): boolean {
  return extension.test(path) && !declaration.test(path) && !testFile.test(path)
}

/** The outermost folder of the name that holds `path`; null: none does, or the file is among its tests. */
function folderNamed(name: string, path: string, root: string): string | null {
  const parts = path.split('/').slice(0, -1)
  const rootDepth = root === '.' ? 0 : root.split('/').length
  const rootIsIt = rootDepth > 0 && parts[rootDepth - 1] === name
  const at = rootIsIt ? rootDepth - 1 : parts.indexOf(name, rootDepth)
  if (at === -1) return null
  if (parts.slice(at + 1).some(part => testFolders.has(part))) return null
  return parts.slice(0, at + 1).join('/')
}

function missing(root: string, paths: string[]): Failed {
  const where = root === '.' ? 'the repository' : `"${root}"`
  const empty = Object.values(folderNames).find(name =>
    paths.some(path => path.split('/').slice(0, -1).includes(name)),
  )
  if (empty)
    return failed(
      'functions_missing',
      `The folder "${empty}" in ${where} holds no function: looked there for .js, .ts, .jsx, .tsx, .mjs, .mts, .cjs and .cts files, tests apart. Add a file whose default export is ${empty === folderNames.defer ? 'made with defer()' : 'an async function'}.`,
    )
  return failed(
    'functions_missing',
    `There is no folder named "${folderNames.defer}": looked in ${where} and all folders below it, node_modules and hidden ones apart, and found none named "${folderNames.plain}" either. Put each background function into a file of its own in one of them, or set the environment's root in .github/sluice.yml.`,
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
