// sluice config: what commands use where nothing else is said. Asks no server.
import { configure, known, type Place, settable } from '../login.ts'
import { listed, misunderstood } from '../parse.ts'
import { list } from '../table.ts'
import type { Shown } from '../verb.ts'
import type { Said } from '../which-server.ts'

export const configHelp = `Which server commands ask, and with which key. Asks no server.

  sluice config                           what is known, and where it is kept
  sluice config set server URL            the one that is asked by default
  sluice config set environment NAME      the one that is meant there by default
  sluice config unset server|environment  neither any more

A key is kept by "sluice login", in a file that only you can read. What is said on the command line counts first, then
SLUICE_SERVER, SLUICE_KEY and SLUICE_ENVIRONMENT, then this.
`

export async function config(args: readonly string[], said: Said, place: Place): Promise<Shown> {
  const [verb = 'show', name = '', value = '', ...more] = args
  if (verb === 'show' && name === '') return shown(said, place)
  const setting = settable.find(one => one === name)
  const isSet = verb === 'set' && value !== ''
  const isUnset = verb === 'unset' && value === ''
  if (!setting || more.length > 0 || !(isSet || isUnset))
    throw misunderstood('sluice config', `There are "config set" and "config unset" of ${listed(settable)}.`)
  const text = await configure(setting, value, said, place)
  return { data: { [setting]: value || null }, text: () => text }
}

function shown(said: Said, place: Place): Shown {
  const data = known(said, place)
  return {
    data,
    text: paper =>
      list(paper, [
        ['server', data.server ?? 'none: run "sluice login --server URL"'],
        ['environment', data.environment],
        ['key', data.key ?? 'none'],
        ['known', data.servers.join(', ')],
        ['kept in', data.file],
      ]),
  }
}
