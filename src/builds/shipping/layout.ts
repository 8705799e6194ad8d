// Where packages are put beside a bundle, so that each finds those it asks for, in the versions it was installed with: as high
// as possible, and inside the one that asks where another of the same name is in the way. Pure.

/** By package: the names it asks for, and who answers. */
export type Edges = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Places by path ("node_modules/a/node_modules/b"), each with the package that is put there. */
export type Layout = ReadonlyMap<string, string>

/** `tops`: what the bundles ask for, by the name they use. */
export function layOut(tops: ReadonlyMap<string, string>, edges: Edges): Layout {
  const layout = new Map([...tops].sort(byName).map(([name, folder]) => [`node_modules/${name}`, folder]))
  // A map's iteration goes on with what is added to it meanwhile.
  for (const [place, folder] of layout)
    for (const [name, asked] of [...(edges.get(folder) ?? [])].sort(byName)) {
      const found = look(layout, place, name)
      if (found === null) layout.set(`node_modules/${name}`, asked)
      else if (layout.get(found) !== asked) layout.set(`${place}/node_modules/${name}`, asked)
    }
  return layout
}

/** The places that are reached from some of the tops. */
export function reach(layout: Layout, edges: Edges, names: Iterable<string>): Map<string, string> {
  const reached = new Map<string, string>()
  const add = (place: string | null) => {
    const folder = place === null ? undefined : layout.get(place)
    if (place !== null && folder !== undefined) reached.set(place, folder)
  }
  for (const name of names) add(`node_modules/${name}`)
  for (const [place, folder] of reached)
    for (const name of edges.get(folder)?.keys() ?? []) add(look(layout, place, name))
  return reached
}

/** As Node looks: in the package's own node_modules, and then in those above. */
function look(layout: Layout, place: string, name: string): string | null {
  for (let at = place; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const inside = `${at}/node_modules/${name}`
    if (layout.has(inside)) return inside
    if (!at.includes('/node_modules/')) break
  }
  const top = `node_modules/${name}`
  return layout.has(top) ? top : null
}

/** A package's name where nothing else is known of how it is asked for. */
export function edgesOf(
  packages: Iterable<[string, Record<string, string>]>,
): Map<string, Map<string, string>> {
  const edges = new Map<string, Map<string, string>>()
  for (const [folder, asked] of packages) {
    const own = edges.get(folder) ?? new Map<string, string>()
    for (const [name, answering] of Object.entries(asked)) own.set(name, answering)
    edges.set(folder, own)
  }
  return edges
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
