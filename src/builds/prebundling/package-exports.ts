// Which of the files that packages are imported by are ES modules, and all that such a file exports, as the bundler sees it.
import path from 'node:path'
import { build } from 'esbuild'
import { language, type Request, runBundler } from '../bundling/bundler.ts'

/** `files` are relative to the install. Null: one of them cannot be read. */
export async function modulesAmong(files: string[], tree: string): Promise<Set<string> | null> {
  try {
    const { metafile } = await build({
      ...language,
      absWorkingDir: tree,
      entryPoints: files.map((file, index) => ({ in: path.join(tree, file), out: String(index) })),
      outdir: tree,
      bundle: true,
      metafile: true,
      write: false,
      logLevel: 'silent',
      plugins: [
        {
          name: 'nothing but the files',
          setup(building) {
            building.onResolve({ filter: /.*/ }, ({ kind, path: name }) =>
              kind === 'entry-point' ? null : { path: name, external: true },
            )
          },
        },
      ],
    })
    return new Set(files.filter(file => metafile.inputs[file]?.format === 'esm'))
  } catch {
    return null
  }
}

/** By file; one that cannot be bundled is left out. */
export async function exportsOf(
  files: string[],
  tree: string,
  request: Omit<Request, 'entryPoints'>,
  signal: AbortSignal,
): Promise<Map<string, string[]>> {
  if (files.length === 0) return new Map()
  const entryPoints = files.map((file, index) => ({ in: path.join(tree, file), out: `file-${index}` }))
  const { metafile } = await runBundler({ ...request, entryPoints }, signal)
  const outputs = new Map(
    Object.entries(metafile.outputs).map(([output, { exports }]) => [path.basename(output), exports]),
  )
  return new Map(
    files.flatMap((file, index) => {
      const exports = outputs.get(`file-${index}.mjs`)
      return exports === undefined ? [] : [[file, exports]]
    }),
  )
}
