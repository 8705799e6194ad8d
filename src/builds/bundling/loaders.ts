// What an import of a file that is no code gives: text, bytes, or a data: URL, which needs no file beside the bundle. Other
// kinds of files are an error of the bundler's, which names them.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Loader, Plugin } from 'esbuild'

const extensions = {
  text: 'txt md html htm sql graphql gql csv xml hbs mustache ejs liquid njk mjml',
  dataurl: 'png jpg jpeg gif webp avif ico bmp svg woff woff2 ttf otf eot pdf mp3 wav',
  binary: 'wasm',
} as const satisfies Partial<Record<Loader, string>>

export const loaders: Record<string, Loader> = Object.fromEntries(
  Object.entries(extensions).flatMap(([loader, names]) =>
    names.split(' ').map(name => [`.${name}`, loader as Loader] as const),
  ),
)

const suffixes: Record<string, Loader> = { raw: 'text', url: 'dataurl' }

/** `./page.html?raw` is the file's text, `./logo.png?url` a URL of its content, whatever the file's extension. */
export function suffixed(source: string): Plugin {
  return {
    name: 'suffixes',
    setup(build) {
      build.onResolve({ filter: /\?(raw|url)$/ }, async ({ path: asked, kind, importer, resolveDir }) => {
        const at = asked.lastIndexOf('?')
        const found = await build.resolve(asked.slice(0, at), { kind, importer, resolveDir })
        if (found.errors.length > 0 || found.external) return found
        // Relative, because the bundle names it: it must not tell where it was built.
        return { path: path.relative(source, found.path), namespace: asked.slice(at + 1) }
      })
      for (const [suffix, loader] of Object.entries(suffixes))
        build.onLoad({ filter: /.*/, namespace: suffix }, async ({ path: file }) => ({
          contents: await readFile(path.join(source, file)),
          loader,
        }))
    },
  }
}

/** The file of an input of the bundler's: without the namespaces above. */
export function fileOf(input: string): string {
  return input.replace(/^(?:raw|url):/, '')
}
