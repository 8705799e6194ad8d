// What "sluice doctor" says, line by line. Pure.

export interface Finding {
  /** What was looked at, in a word or two. */
  about: string
  ok: boolean
  said: string
  /** What to do; null: nothing. */
  remedy: string | null
}

export const good = (about: string, said: string): Finding => ({ about, ok: true, said, remedy: null })
export const bad = (about: string, said: string, remedy: string): Finding => ({
  ...{ about, ok: false, said, remedy },
})

export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length))
  const lines = findings.flatMap(({ about, ok, said, remedy }) => [
    `${ok ? '✓' : '✗'} ${about.padEnd(width)}  ${said}`,
    ...(remedy ? [`  ${' '.repeat(width)}  → ${remedy}`] : []),
  ])
  const wrong = findings.filter(({ ok }) => !ok).length
  const end = wrong === 0 ? 'Nothing is wrong.' : `${wrong} of ${findings.length} need a hand.`
  return `${[...lines, '', end].join('\n')}\n`
}

type Granted = Readonly<Record<string, string>>
const levels = ['read', 'write', 'admin']

/** "checks: write" for each that is asked for and not granted. */
export function lacking(wanted: Granted, granted: Granted): string[] {
  return Object.entries(wanted)
    .filter(([what, access]) => levels.indexOf(granted[what] ?? '') < levels.indexOf(access))
    .map(([what, access]) => `${what}: ${access}`)
}

export const maxSkewSeconds = 30

/** Tokens are good for minutes, and are refused by a clock that is not ours; `theirs`: GitHub's Date header. */
export function clockFinding(theirs: string | undefined, now: Date): Finding {
  const skew = Math.round((now.getTime() - Date.parse(theirs ?? '')) / 1_000)
  if (Number.isNaN(skew)) return good('clock', 'GitHub did not tell the time')
  if (Math.abs(skew) <= maxSkewSeconds) return good('clock', `as GitHub's, within ${maxSkewSeconds} s`)
  const how = skew > 0 ? 'ahead of' : 'behind'
  return bad(
    'clock',
    `${Math.abs(skew)} s ${how} GitHub's`,
    'Let the machine keep time: timedatectl set-ntp true',
  )
}

interface Sent {
  event: string
  status: string
  status_code: number
  delivered_at: string
}

/** `sent`: the last deliveries, newest first. */
export function deliveriesFinding(sent: readonly Sent[], poll: boolean): Finding {
  const about = 'webhook deliveries'
  if (poll) return good(about, 'not needed: GitHub is asked (--poll)')
  const [newest] = sent
  if (!newest) return good(about, 'GitHub sent none in the last days')
  const failed = sent.filter(({ status_code }) => status_code < 200 || status_code > 299)
  const isOk = newest.status_code >= 200 && newest.status_code < 300
  if (isOk) return good(about, `the last one arrived; ${failed.length} of the last ${sent.length} did not`)
  return bad(
    about,
    `the last one (${newest.event}, ${newest.delivered_at}) failed: ${newest.status_code} ${newest.status}; so did ${failed.length} of the last ${sent.length}`,
    newest.status_code === 401
      ? 'WEBHOOK_SECRET must be the webhook secret in the App’s settings.'
      : 'GitHub must reach the address in the App’s settings; where it cannot, start with --poll.',
  )
}

export function addressFinding(registered: string, expected: string | null, poll: boolean): Finding {
  const about = 'webhook address'
  if (poll || expected === null || registered === expected) return good(about, registered || 'none')
  return bad(
    about,
    `GitHub sends to ${registered || 'nowhere'}, this Sluice listens at ${expected}`,
    'Set the webhook URL in the App’s settings, or SLUICE_URL to where GitHub reaches this Sluice.',
  )
}
