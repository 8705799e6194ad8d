// Ties a child process to our life: with util-linux's setpriv the kernel kills it when we die, however we die, so that one in
// an endless loop does not outlive a killed worker or builder. Where it is missing (macOS), only our orderly end helps.
import { execFile } from 'node:child_process'

const leash = ['setpriv', '--pdeathsig', 'KILL', '--']

/** What to put before a command; probed by doing it, because other programs of the name know less. */
export function findLeash(searchPath = '/usr/local/bin:/usr/bin:/bin'): Promise<readonly string[]> {
  const [file = '', ...args] = leash
  return new Promise(resolve => {
    execFile(file, [...args, 'true'], { env: { PATH: searchPath } }, error => resolve(error ? [] : leash))
  })
}
