// The module a bundle starts from: takes over a file's default export as the language the file is written in means it. A
// plain function leaves it in the shape defer() would have given it, so that whoever loads a bundle knows one shape only.
import path from 'node:path'
import type { Plugin } from 'esbuild'
import type { Style } from '../functions-folder.ts'

const prefix = 'function:'

export function entryPoint(file: string, out: string): { in: string; out: string } {
  return { in: `${prefix}${file}`, out }
}

export function entries(source: string, style: Style): Plugin {
  return {
    name: 'function entries',
    setup(build) {
      build.onResolve({ filter: /^function:/ }, ({ path: entry, kind }) =>
        kind === 'entry-point' ? { path: entry.slice(prefix.length), namespace: 'function' } : null,
      )
      build.onLoad({ filter: /.*/, namespace: 'function' }, ({ path: file }) => ({
        contents: contentsOf[style](file),
        loader: 'ts',
        resolveDir: source,
      }))
    },
  }
}

const contentsOf: Record<Style, (file: string) => string> = {
  defer: file => `import * as file from ${JSON.stringify(`./${file}`)}\nexport default file.default\n`,
  plain: file => `import * as file from ${JSON.stringify(`./${file}`)}
export default backgroundFunction(file, ${JSON.stringify(nameOf(file))})
${wrapping}`,
}

/** Of a function without a name of its own: `functions/mail/send-report.ts` is called send-report. */
function nameOf(file: string): string {
  return path.basename(file).replace(/\.\w+$/, '')
}

// An anonymous default export is named "default" by the language. What is no function is left for the build to complain of.
const wrapping = `function backgroundFunction(file, fileName) {
  const own = file.default
  if (typeof own !== 'function' || '__fn' in own || /^class\\b/.test(Function.prototype.toString.call(own))) return own
  const name = own.name === '' || own.name === 'default' ? fileName : own.name
  const background = (...args) => own(...args)
  const called = name === own.name ? own : Object.defineProperty((...args) => own(...args), 'name', { value: name })
  return Object.assign(background, { __fn: called, __metadata: { name, config: file.config ?? {} } })
}
`
