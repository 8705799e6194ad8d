// Where this process can be made to kill itself, as a machine that loses its power would: CRASH_AT=name, name:3 for the third
// time it is reached, several with commas between. For tests of what comes after a kill -9 (test/integration/builds-kill.test.ts
// has a case for each of the builder's, functions-drain-kill.test.ts for the drain's, `npm run chaos` reaches the others). Unset, a
// call is one comparison.

import { writeSync } from 'node:fs'

/** Each with the file it stands in; a unit test holds it to that. Before a commit: inside the transaction, its work done. */
export const crashPlaces = {
  'build.begun': 'builds/work-build.ts',
  'build.fetched': 'builds/pipeline.ts',
  'install.filled': 'builds/installing/install-cache.ts',
  'install.marked': 'builds/installing/install-cache.ts',
  'install.moved-aside': 'builds/installing/install-cache.ts',
  'build.installed': 'builds/pipeline.ts',
  'build.generated': 'builds/pipeline.ts',
  'build.bundled': 'builds/pipeline.ts',
  'build.discovered': 'builds/pipeline.ts',
  'artifact.written': 'artifacts/folder.ts',
  'build.publishing': 'builds/steps/publish.ts',
  'build.published': 'builds/pipeline.ts',
  'build.releasing': 'builds/settle.ts',
  'build.released': 'builds/settle.ts',
  'cutover.versions': 'functions/release.ts',
  'cutover.archived': 'functions/release.ts',
  'cutover.switched': 'functions/release.ts',
  'cutover.before_commit': 'functions/release.ts',
  'rollback.pinned': 'functions/rollback.ts',
  'rollback.before_commit': 'functions/rollback.ts',
  'drain.preparing': 'functions/drain.ts',
  'drain.halted': 'functions/drain.ts',
  'drain.safe': 'functions/drain.ts',
  'purge.cancelled': 'functions/sweep.ts',
  'purge.tombstone': 'functions/sweep.ts',
  'purge.before_commit': 'functions/sweep.ts',
  'purge.after_commit': 'functions/sweep.ts',
  'command.after_commit': 'commands/run.ts',
  'webhook.before_commit': 'github/deliveries/store-delivery.ts',
  'webhook.after_commit': 'github/deliveries/store-delivery.ts',
  'enqueue.after_commit': 'executions/accepting/accept-together.ts',
  'claim.before_commit': 'executions/claim.ts',
  'claim.after_commit': 'executions/claim-loop.ts',
  'settle.before_commit': 'executions/settle.ts',
  'settle.after_commit': 'executions/settle.ts',
  'rescue.before_commit': 'executions/rescue.ts',
  'cron.inserted': 'executions/ticks.ts',
  'cron.before_commit': 'executions/ticks.ts',
  'cron.after_commit': 'executions/ticks.ts',
} as const
export type CrashPoint = keyof typeof crashPlaces

export const crashPoints = Object.keys(crashPlaces) as CrashPoint[] // the keys of a table of ours
/** What CRASH_AT may say. */
export const isCrashSetting = (setting: string): boolean =>
  setting
    .split(',')
    .every(one => /^[a-z._-]+(:[1-9]\d{0,5})?$/.test(one) && one.replace(/:.*/, '') in crashPlaces)

/** How often each is still to be reached; null: none is to be. */
const armed = process.env.CRASH_AT ? parseCrashAt(process.env.CRASH_AT) : null

export function parseCrashAt(setting: string): Map<string, number> {
  return new Map(
    setting.split(',').map(one => {
      const [name = '', nth = '1'] = one.split(':')
      return [name, Number(nth)]
    }),
  )
}

export function crashPoint(name: CrashPoint): void {
  if (armed === null) return
  const left = armed.get(name)
  if (left === undefined) return
  armed.set(name, left - 1)
  if (left !== 1) return
  writeSync(2, `reached crash point ${name}\n`)
  process.kill(process.pid, 'SIGKILL')
}
