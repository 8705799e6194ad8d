// Bundles until it is known which packages have to be shipped beside the bundles: at once, where an earlier build with the same
// dependencies has found it out.
import type { Plugin } from 'esbuild'
import type { Bundled } from '../bundling/bundler.ts'
import type { Bundle } from '../bundling/outputs.ts'
import type { Failed } from '../failure.ts'
import type { Tools } from '../tools.ts'
import { learn, type Place } from './learn.ts'
import { checkNative } from './native.ts'
import { keepNotes, type Notes, readNotes, shippedFolders } from './notes.ts'
import { packageFolder } from './packages.ts'
import { type From, ship } from './ship.ts'
import { type Asked, shipPackages } from './ship-plugin.ts'

// Each round leaves out packages that the one before still had; three are enough for what people write.
const maxRounds = 8

export interface Shipping<Made> {
  result: Made
  ship(bundles: Bundle[], own: From['own']): Promise<{ bundles: Bundle[] } | Failed>
}

interface Places extends Place {
  source: string
  /** The install whose notes hold. */
  known: string | null
}

/** Hears of a shipped package that something asks for, and of the package that does; "" is the repository. */
export type Hear = (asked: Asked, by: string) => void

/** What one attempt is to work with. */
export interface Learned {
  notes: Notes
  hear: Hear
  /** Leaves out the packages that are shipped. */
  plugin(hear: Hear): Plugin
}

type Attempt<Made> = (learned: Learned) => Promise<Made>

export async function bundleShipping<Made extends Bundled>(
  attempt: Attempt<Made>,
  places: Places,
  tools: Tools,
): Promise<Shipping<Made> | Failed> {
  let notes = await readNotes(places.known)
  for (let round = 0; ; round++) {
    const once = await bundleOnce(attempt, notes, places)
    const asked = [...once.asked.values()]
    const learned = await learn(once.result, asked, notes, places, tools)
    if ('failure' in learned) return learned
    if (JSON.stringify(learned.notes) !== JSON.stringify(notes)) await keepNotes(places.known, learned.notes)
    notes = learned.notes
    if (!learned.again || round === maxRounds) return finish({ ...once, asked }, notes, places, tools)
  }
}

interface Once<Made> {
  result: Made
  asked: Map<string, Asked>
  /** By package, who asks for it; "" is the repository. */
  askers: Map<string, Set<string>>
}

async function bundleOnce<Made>(
  attempt: Attempt<Made>,
  notes: Notes,
  { source, pathOf }: Places,
): Promise<Once<Made>> {
  const asked: Once<Made>['asked'] = new Map()
  const askers: Once<Made>['askers'] = new Map()
  const hear: Hear = (one, by) => {
    asked.set(`${one.mode} ${one.specifier}`, one)
    const own = askers.get(one.folder) ?? new Set()
    askers.set(one.folder, own.add(by))
  }
  const plugin = (heard: Hear) =>
    shipPackages({
      source,
      folders: shippedFolders(notes),
      pathOf,
      onAsked: (one, importer) => heard(one, packageFolder(importer) ?? ''),
    })
  return { result: await attempt({ notes, hear, plugin }), asked, askers }
}

async function finish<Made>(
  { result, asked, askers }: Omit<Once<Made>, 'asked'> & { asked: Asked[] },
  notes: Notes,
  { source, base }: Places,
  tools: Tools,
): Promise<Shipping<Made> | Failed> {
  const missing = base === null ? null : await checkNative(asked, askers, notes, base, tools.say)
  if (missing) return missing
  return {
    result,
    ship: (bundles, own) => ship(bundles, asked, notes, { source, base, own }),
  }
}
