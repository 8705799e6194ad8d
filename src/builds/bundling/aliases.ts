// Names that a project's vite.config, svelte.config or being made with Nuxt gives to folders of its own. One that could be a
// package's holds for the project's files, not for dependencies.
import path from 'node:path'
import type { Plugin } from 'esbuild'
import { foldersUp, isFile, isFolder, join, readText } from '../project-files.ts'
import { type Alias, readAliases } from './vite-aliases.ts'

const extensions = ['ts', 'js', 'mjs', 'mts', 'cjs', 'cts']

export interface ProjectAliases {
  /** Of the configuration, relative to the repository. */
  folder: string
  aliases: Alias[]
}

/** Of the nearest folder with such a configuration, at or above the functions' folder. */
export async function findAliases(
  source: string,
  functions: string,
  say: (text: string) => void,
): Promise<ProjectAliases | null> {
  for (const folder of foldersUp(functions)) {
    const vite = await read(source, join(folder, 'vite.config'), 'resolve', say)
    const svelte = await read(source, join(folder, 'svelte.config'), 'kit', say)
    const nuxt = await namesOfNuxt(source, folder)
    if (vite ?? svelte ?? nuxt)
      return { folder, aliases: [...(vite ?? []), ...(svelte ?? []).map(fromProjectFolder), ...(nuxt ?? [])] }
  }
  return null
}

/** Nuxt writes them into files of its own (.nuxt), which are in no repository. */
async function namesOfNuxt(source: string, folder: string): Promise<Alias[] | null> {
  const files = extensions.map(extension => isFile(source, join(folder, `nuxt.config.${extension}`)))
  if (!(await Promise.all(files)).includes(true)) return null
  const sources = (await isFolder(source, join(folder, 'app'))) ? './app' : './' // since version 4; before it
  return [
    ...['~', '@'].map(find => ({ find, replacement: sources })),
    ...['~~', '@@'].map(find => ({ find, replacement: './' })),
    { find: '#shared', replacement: './shared' },
  ]
}

async function read(
  source: string,
  name: string,
  section: 'resolve' | 'kit',
  say: (text: string) => void,
): Promise<Alias[] | null> {
  for (const extension of extensions) {
    const file = `${name}.${extension}`
    const text = await readText(source, file)
    if (text === null) continue
    const { aliases, unread } = readAliases(text, section)
    if (unread.length > 0)
      say(`warning: ${file} is read and not run, and these aliases were not understood: ${unread.join(', ')}`)
    return aliases
  }
  return null
}

/** SvelteKit's are paths always, and may end with a star. */
function fromProjectFolder({ find, replacement }: Alias): Alias {
  const target = replacement.replace(/\/\*$/, '')
  return { find: find.replace(/\/\*$/, ''), replacement: isPath(target) ? target : `./${target}` }
}

/**
 * Those that no package can have as its name ("@", "~", "$data") are left to the bundler, which knows the tsconfig of what it
 * finds by itself (whose JSX it is, how decorators are meant) and of nothing that a plugin finds.
 */
export function bundlerAliases({ folder, aliases }: ProjectAliases): Record<string, string> {
  return Object.fromEntries(
    aliases
      .filter(isNoPackage)
      .map(({ find, replacement }) => [
        find.replace(/\/$/, ''),
        `./${path.posix.join(folder, replacement).replace(/\/$/, '')}`,
      ]),
  )
}

function isNoPackage({ find, replacement }: Alias): boolean {
  return /^(?:@{1,2}|#|[~$][^/]*)(?:\/|$)/.test(find) && isPath(replacement)
}

export function projectAliases(source: string, { folder, aliases }: ProjectAliases): Plugin {
  const home = path.join(source, folder)
  const holdsFor = (importer: string) =>
    importer.startsWith(home + path.sep) && !importer.split(path.sep).includes('node_modules')
  return {
    name: 'project aliases',
    setup(build) {
      for (const { find, replacement } of longestFirst(aliases.filter(alias => !isNoPackage(alias))))
        build.onResolve(
          { filter: filterOf(find) },
          ({ path: name, importer, kind, resolveDir, pluginData }) =>
            pluginData === replaced || !holdsFor(importer)
              ? null
              : build.resolve(replace(name, find, replacement), {
                  kind,
                  importer,
                  resolveDir: isPath(replacement) ? home : resolveDir,
                  pluginData: replaced,
                }),
        )
    },
  }
}

/** A replacement may begin with the name it replaces: once is enough. */
export const replaced = 'replaced'

function replace(name: string, find: string, replacement: string): string {
  const rest = name.slice(find.length)
  const target = replacement.startsWith('/') ? `.${replacement}` : replacement
  return rest !== '' && !rest.startsWith('/') && !target.endsWith('/') ? `${target}/${rest}` : target + rest
}

function isPath(text: string): boolean {
  return /^\.{0,2}\//.test(text)
}

function longestFirst(aliases: Alias[]): Alias[] {
  return aliases.toSorted((a, b) => b.find.length - a.find.length)
}

/** As Vite does it: the name itself, or what begins with it and a slash. A name that ends with a slash needs none. */
function filterOf(find: string): RegExp {
  const escaped = find.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  return new RegExp(find.endsWith('/') ? `^${escaped}` : `^${escaped}(?:\\/|$)`)
}
