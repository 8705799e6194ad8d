// The way from a commit to a manifest: named steps over one value. The first that fails because of the code ends it with
// its failure; what the world does wrong is thrown, and the build is tried again from the start.
import { type CrashPoint, crashPoint } from '../crash-point.ts'
import type { Manifest } from '../functions/manifest.ts'
import { type Chain, chain, isFailed } from './chain.ts'
import type { Failed } from './failure.ts'
import { unlessDamaged } from './installing/unless-damaged.ts'
import type { Stage } from './states.ts'
import { bundleFunctions } from './steps/bundle.ts'
import { detectProject } from './steps/detect.ts'
import { discoverFunctions } from './steps/discover.ts'
import { fetchSource, type Sources } from './steps/fetch.ts'
import { runPrebuild } from './steps/generate.ts'
import { type Installed, installDependencies } from './steps/install.ts'
import { publishArtifacts } from './steps/publish.ts'
import { findScope } from './steps/scope.ts'
import type { Order } from './store.ts'
import type { Tools } from './tools.ts'
import { fetchUpload } from './uploads/fetch-upload.ts'

export type Built = { manifest: Manifest; scope: string[] | null } & Installed

/** `enter` is told of each step's stage before the step, and throws when nobody wants the build any more. */
export async function pipeline(
  order: Order,
  tools: Tools,
  enter: (stage: Stage) => Promise<void>,
): Promise<Built | Failed> {
  const installed = chain<Order, Stage>(order, enter)
    .step('fetching', value => upTo('build.fetched', fetchFor(value, tools)))
    .step('fetching', value => detectProject(value, tools))
    .step('installing', value => upTo('build.installed', installDependencies(value, tools)))
  const built = generated(installed, order.build.prebuild, tools)
    .step('compiling', value => upTo('build.bundled', bundleFunctions(value, tools)))
    .step('compiling', value =>
      together(upTo('build.discovered', discoverFunctions(value, tools)), findScope(value, tools)),
    )
    .step('publishing', value => upTo('build.published', publishArtifacts(value, tools))).result
  const value = await installed.result
  return unlessDamaged(built, isFailed(value) ? null : (value.install?.found ?? null), tools.signal)
}

function fetchFor({ upload, ...order }: Order, tools: Tools): Promise<Sources | Failed> {
  return upload ? fetchUpload(upload, tools) : fetchSource(order, tools)
}

/** The first may fail the build. */
async function together<One extends object, Two extends object>(
  one: Promise<One | Failed>,
  two: Promise<Two>,
): Promise<(One & Two) | Failed> {
  const [first, second] = await Promise.all([one, two])
  return isFailed(first) ? first : { ...first, ...second }
}

function generated<Value extends Parameters<typeof runPrebuild>[0]>(
  installed: Chain<Value, Stage>,
  prebuild: string | null,
  tools: Tools,
): Chain<Value, Stage> {
  return prebuild === null
    ? installed
    : installed.step('generating', value => upTo('build.generated', runPrebuild(value, prebuild, tools)))
}

async function upTo<Result>(point: CrashPoint, step: Promise<Result>): Promise<Result> {
  const result = await step
  crashPoint(point)
  return result
}
