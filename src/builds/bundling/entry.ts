// The module a bundle starts from: takes over a file's default export as the language the file is written in means it. A
// plain function leaves it in the shape defer() would have given it, so that whoever loads a bundle knows one shape only.
//
// Functions that share files must not notice it. A bundler that cuts shared modules out of several bundles runs them before
// all that was not cut out, whatever the order of the imports: `import './set-up.ts'` would come too late, and adding a function
// could change another. A module that somebody may require() is run where it is asked for instead, with all that it imports.
// So the entry says that it may, and never does. (What import() loads later is cut as before.)
import path from 'node:path'
import type { Plugin } from 'esbuild'
import type { Style } from '../discovery/functions-folder.ts'

export const entryNamespace = 'function'
const prefix = `${entryNamespace}:`

export function entryPoint(file: string, out: string): { in: string; out: string } {
  return { in: `${prefix}${file}`, out }
}

/** `sharing`: see above; what awaits at its top level cannot be required, and is bundled by itself. */
export function entries(source: string, style: Style, sharing: boolean): Plugin {
  return {
    name: 'function entries',
    setup(build) {
      build.onResolve({ filter: /^function:/ }, ({ path: entry, kind }) =>
        kind === 'entry-point' ? { path: entry.slice(prefix.length), namespace: entryNamespace } : null,
      )
      build.onLoad({ filter: /.*/, namespace: entryNamespace }, ({ path: file }) => ({
        contents: entryContents(file, style) + (sharing ? `;() => require(${quoted(file)})\n` : ''),
        loader: 'ts',
        resolveDir: source,
      }))
    },
  }
}

const quoted = (file: string) => JSON.stringify(`./${file}`)

export function entryContents(file: string, style: Style): string {
  return contentsOf[style](file)
}

const contentsOf: Record<Style, (file: string) => string> = {
  defer: file => `import * as file from ${quoted(file)}\nexport default file.default\n`,
  plain: file => `import * as file from ${quoted(file)}
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
