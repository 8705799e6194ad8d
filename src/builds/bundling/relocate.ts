// Makes a bundle say nothing of where it was built: dependencies that lie in a cache get the names they would have inside
// the repository. So the same sources give the same bytes on every machine, and an unchanged function keeps its version.
// Pure. (The text replaced is the path to a folder named by a digest: nothing else in a bundle looks like it.)
import { z } from 'zod'

export interface Places {
  /** The install's tree, relative to the repository: "../../../cache/installs/<key>/tree". Null: nothing lies elsewhere. */
  installs: string | null
  /** The folder of the bundle, relative to the repository. */
  bundle: string
}

const SourceMap = z.looseObject({ sources: z.array(z.string()) })

export function relocateCode(code: string, places: Places): string {
  return places.installs === null ? code : code.replaceAll(`${places.installs}/`, '')
}

/** `resolve` is path.posix.join: a source is written relative to the bundle's folder. */
export function relocateMap(
  map: string,
  places: Places,
  resolve: (folder: string, path: string) => string,
): string {
  const parsed = SourceMap.parse(JSON.parse(map))
  const sources = parsed.sources.map(source => relocatePath(resolve(places.bundle, source), places))
  return JSON.stringify({ ...parsed, sources })
}

/** A path relative to the repository, as people know it. */
export function relocatePath(path: string, places: Places): string {
  const installs = places.installs === null ? null : `${places.installs}/`
  return installs !== null && path.startsWith(installs) ? path.slice(installs.length) : path
}
