// Files that code of the repository names by its own place: `new URL('./x', import.meta.url)`, `path.join(__dirname, 'x')` and
// their like, with literal names. Such code is told a place below its bundle, laid out as the repository is, where it finds
// them. Pure.
import path from 'node:path'

/** The folder beside a bundle that is laid out as the repository is. */
export const ownFolder = 'source'

const folder = String.raw`(?:__dirname|import\.meta\.dirname)`
const literal = String.raw`(?:'[^'\n]*'|"[^"\n]*"|${'`[^`$]*`'})`
const byUrl = new RegExp(String.raw`\bnew\s+URL\(\s*(${literal})\s*,\s*import\.meta\.url\b`, 'g')
const byJoin = new RegExp(String.raw`\b(?:join|resolve)\(\s*${folder}\s*((?:,\s*${literal}\s*)+)`, 'g')
const bySum = new RegExp(String.raw`${folder}\s*\+\s*(${literal})`, 'g')
const ownRequire = /\bcreateRequire\(\s*(?:import\.meta\.(?:url|filename)|__filename)/
const byRequire = /\brequire\w*\(\s*(['"]\.{1,2}\/[^'"\n]*['"])/g
const byTemplate = new RegExp(String.raw`\$\{\s*${folder}\s*\}([^\`$\n]*)`, 'g')

/** The paths, relative to the repository, that the code of `file` names; whether anything is there is not known. */
export function namedBeside(file: string, text: string): string[] {
  if (!/__dirname|import\.meta\.(?:url|dirname)/.test(text)) return []
  const home = path.posix.dirname(file)
  const named = [
    ...[...text.matchAll(byUrl)].map(([, name = '']) => withoutQuotes(name)),
    ...[...text.matchAll(byJoin)].map(([, names = '']) => partsOf(names).join('/')),
    ...[...text.matchAll(bySum)].map(([, name = '']) => withoutQuotes(name)),
    ...(ownRequire.test(text) ? [...text.matchAll(byRequire)] : []).map(([, name = '']) =>
      withoutQuotes(name),
    ),
    ...[...text.matchAll(byTemplate)].map(([, name = '']) => name),
  ]
  const paths = named
    .filter(name => !/^[a-z]+:/i.test(name))
    .map(name => path.posix.join(home, name).replace(/\/$/, ''))
  return [...new Set(paths)].filter(one => one !== home && one !== '.' && !one.startsWith('..')).sort()
}

function partsOf(names: string): string[] {
  return [...names.matchAll(new RegExp(literal, 'g'))].map(([name]) => withoutQuotes(name))
}

function withoutQuotes(text: string): string {
  return text.slice(1, -1)
}

/** The bundler puts in for these what stands for the bundle: see its `define`. */
export const bundlePlace = { folder: '__sluiceFolder', url: '__sluiceUrl' }

/** The code with the place it would have beside its bundle. Lines stay; what it declares itself follows from its URL. */
export function placed(file: string, text: string): string {
  const own = `${ownFolder}/${file}`
  const inFolder = (name: string) => `(${bundlePlace.folder} + ${JSON.stringify(`/${name}`)})`
  const values = {
    url: `new URL(${JSON.stringify(`./${encodeURI(own)}`)}, ${bundlePlace.url}).href`,
    dirname: inFolder(path.posix.dirname(own)),
    filename: inFolder(own),
  }
  const code = text.replace(/\bimport\.meta\.(url|dirname|filename)\b/g, (whole, name: string) =>
    name === 'url' || name === 'dirname' || name === 'filename' ? values[name] : whole,
  )
  const declared = Object.entries({ __dirname: values.dirname, __filename: values.filename })
    .filter(([name]) => new RegExp(String.raw`\b${name}\b`).test(text) && !isDeclared(name, text))
    .map(([name, value]) => `const ${name} = ${value};`)
  const shebang = /^#![^\n]*\n/.exec(code)?.[0] ?? ''
  return shebang + declared.join(' ') + code.slice(shebang.length)
}

function isDeclared(name: string, text: string): boolean {
  return new RegExp(String.raw`\b(?:const|let|var)\s+(?:\w+\s*=[^;\n]*,\s*)?${name}\b`).test(text)
}
