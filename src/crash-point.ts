// Where this process can be made to kill itself, as a machine that loses its power would: CRASH_AT=name. For tests of what
// comes after a kill -9 (test/integration/builds-kill.test.ts has a case for each). Unset, a call is one comparison.
export const crashPoints = [
  'build.begun',
  'build.fetched',
  'install.filled',
  'install.marked',
  'install.moved-aside',
  'build.installed',
  'build.generated',
  'build.bundled',
  'build.discovered',
  'artifact.written',
  'build.publishing',
  'build.published',
  'build.releasing',
  'build.released',
] as const
export type CrashPoint = (typeof crashPoints)[number]

const armed = process.env.CRASH_AT

export function crashPoint(name: CrashPoint): void {
  if (name === armed) process.kill(process.pid, 'SIGKILL')
}
