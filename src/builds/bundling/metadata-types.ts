// Metadata names types as if they were values. A compiler that sees one file cannot know which of the imported names are
// classes and which are interfaces that are gone when the code runs, and importing what is not there is an error. So these names are
// looked up in their module when the code runs, and what is not there is Object, as TypeScript writes it. Pure.

const asked = /typeof ([\w$]+) === "undefined" \? Object : \1(?![\w$])/g
const importLine = /^import ([^'"]+) from (['"])([^'"]+)\2;$/

/** What a module is asked for only to look at its types begins with this. */
export const typesOf = 'types-of:'

/**
 * `code` is the compiler's output of `text`: one import a line, before the first class. No line moves.
 * Names that the file itself says are types are Object at once: one of the language's own may be called the same.
 */
export function lookUpTypes(code: string, text: string): string {
  const wanted = new Set([...code.matchAll(asked)].map(([, name = '']) => name))
  if (wanted.size === 0) return code
  const lines = code.split('\n')
  const places = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    if (/^(?:export )?(?:default )?(?:abstract )?class\b/.test(line)) break
    const [, names = '', quote = '', from] = importLine.exec(line) ?? []
    const found = from === undefined ? [] : importedNames(names).filter(({ local }) => wanted.has(local))
    if (found.length === 0) continue
    const space = `__types${index}`
    for (const { local, imported } of found) places.set(local, `${space}.${imported}`)
    lines[index] = `${line} import * as ${space} from ${quote}${typesOf}${from}${quote};`
  }
  const types = typesIn(text)
  return lines.join('\n').replace(asked, (whole, name: string) => {
    const place = places.get(name)
    if (place) return `typeof ${place} === "undefined" ? Object : ${place}`
    return types.has(name) ? 'Object' : whole
  })
}

function importedNames(names: string): { local: string; imported: string }[] {
  const braced = /\{([^}]*)\}/.exec(names)?.[1] ?? ''
  const inBraces = braced.split(',').flatMap(part => {
    const [, imported, local] = /^\s*([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(part) ?? []
    return imported === undefined ? [] : [{ imported, local: local ?? imported }]
  })
  const [, own] = /^([\w$]+)\s*(?:,|$)/.exec(names) ?? []
  return own === undefined ? inBraces : [{ imported: 'default', local: own }, ...inBraces]
}

/** Interfaces and aliases of the file, and what it imports as a type. */
function typesIn(text: string): Set<string> {
  const declared = [...text.matchAll(/\b(?:interface|type)\s+([A-Za-z_$][\w$]*)(?:\s+as\s+([\w$]+))?/g)]
  const imported = [...text.matchAll(/\bimport\s+type\s+\{([^}]*)\}/g)].flatMap(([, names = '']) =>
    importedNames(`{${names}}`).map(({ local }) => local),
  )
  const classes = new Set([...text.matchAll(/\bclass\s+([\w$]+)/g)].map(([, name]) => name))
  const names = [...declared.map(([, name = '', local]) => local ?? name), ...imported]
  return new Set(names.filter(name => !classes.has(name)))
}
