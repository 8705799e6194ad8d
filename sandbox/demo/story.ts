// The story the demo tells, step by step: each does what a person would do, then waits for what the person would see, and
// says so in a line with a link. A step that does not see what it should throws, and the demo ends red.
import { type Application, startApplication } from './application.ts'
import type { Check, Hub } from './hub.ts'
import type { Picture } from './pictures.ts'
import type { Shop } from './shop.ts'
import { waitFor } from './wait.ts'

export interface World {
  hub: Hub
  shop: Shop
  endpoint: string
  githubUrl: string
  repository: string
  /** Prints an environment's token, as `sluice token create` does. */
  token(environment: string): Promise<string>
  slackTexts(): string[]
  slackUrl: string
}

export interface Step {
  title: string
  /** What it leaves behind that is worth a picture. */
  picture?(): Picture[]
  run(): Promise<{ saw: string; link: string }>
}

type Held = { id: string; state: string }

const receipt = 'defer/send-receipt.ts'
const products = 'defer/import-products.ts'

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`)
}

export function tell(world: World): { steps: Step[]; application: () => Application } {
  const { hub, shop } = world
  let application: Application
  let held: string[] = []
  let pull = { number: 0, url: '' }
  let issue = 0

  const ended = (id: string) =>
    waitFor(`the end of execution ${id}`, async () => {
      const state = await application.request<string>('state', id)
      return ['succeed', 'failed', 'aborted', 'cancelled', 'discarded'].includes(state) ? state : null
    })
  const answerOf = async (id: string) => {
    demand((await ended(id)) === 'succeed', `execution ${id} to succeed`)
    return application.request<string>('result', id)
  }
  const receiptNow = async () =>
    answerOf(await application.request<string>('receipt', { id: 'B-2', cents: 500 }))
  const green = (check: Check) =>
    demand(check.conclusion === 'success', `a green check, not ${check.conclusion}: ${check.output.title}`)
  const obeyed = async (login: string, line: string, reaction = 'rocket') => {
    const answer = await hub.command(issue, login, line)
    demand(answer.reaction === reaction, `${reaction} on ${line}, not ${answer.reaction}: ${answer.answer}`)
    return answer
  }
  const pushed = async (message: string, environment = 'production') => {
    const sha = await shop.push(message)
    const check = await hub.check(sha, environment)
    return check
  }

  const steps: Step[] = [
    {
      title: 'git push: the functions in defer/ go live',
      async run() {
        const check = await pushed('Sell things')
        green(check)
        return { saw: check.output.title ?? '', link: check.html_url }
      },
    },
    {
      title: 'the application runs one with the unmodified @defer/client',
      async run() {
        application = startApplication(world.endpoint, await world.token('production'))
        const value = await application.request<string>('receiptAndWait', { id: 'A-1', cents: 1999 })
        demand(value === 'Receipt for A-1: 19.99 EUR', `the receipt, not ${value}`)
        return { saw: `"${value}"`, link: `${world.githubUrl}/${world.repository}` }
      },
    },
    {
      title: 'a function is removed from the code: archived, its executions are held',
      async run() {
        await shop.remove(products)
        const check = await pushed('Stop importing products')
        green(check)
        held = [
          await application.request('products', ['chair']),
          await application.request('products', ['table', 'lamp']),
        ]
        const states = await Promise.all(held.map(id => application.request<string>('state', id)))
        demand(
          states.every(state => state === 'created'),
          `two held executions, not ${states}`,
        )
        return { saw: `${check.output.title}; 2 accepted and held`, link: check.html_url }
      },
    },
    {
      title: 'it comes back: restored, the held executions run',
      async run() {
        await shop.bringBack(products)
        const check = await pushed('Import products again')
        green(check)
        const results = await Promise.all(held.map(answerOf))
        return { saw: `both ran, results ${results.join(' and ')}`, link: check.html_url }
      },
    },
    {
      title: 'a push that changes nothing functions are made of: not built, and green',
      async run() {
        await shop.edit('README.md', text => `${text}\nQuestions? Ask alice.\n`)
        const check = await pushed('Say whom to ask')
        demand(
          check.conclusion === 'skipped',
          `a skipped check, not ${check.conclusion}: ${check.output.title}`,
        )
        return { saw: check.output.title ?? '', link: check.html_url }
      },
    },
    {
      title: 'a pull request gets a preview of its own',
      async run() {
        await shop.branch('friendlier')
        await shop.edit(receipt, text => text.replace('Receipt for', 'Thank you! Receipt for'))
        const sha = await shop.push('Say thank you')
        pull = await hub.openPull('friendlier', 'Say thank you')
        const check = await hub.check(sha, `pr-${pull.number}`)
        green(check)
        const comment = await waitFor(
          'the comment',
          async () => (await hub.comments(pull.number)).find(one => one.user.login.endsWith('[bot]')) ?? null,
        )
        return { saw: check.output.title ?? '', link: comment.html_url }
      },
    },
    {
      title: 'a mistake in it: a red check with the line, and Slack says so',
      async run() {
        await shop.edit(receipt, text => text.replace('Promise<string> {', 'Promise<string> {{'))
        const check = await pushed('Oops', `pr-${pull.number}`)
        demand(
          check.conclusion === 'failure' && check.output.annotations_count > 0,
          'a red check with an annotation',
        )
        await waitFor(
          'the message in Slack',
          async () => world.slackTexts().find(text => /fail/i.test(text)) ?? null,
        )
        return { saw: check.output.title ?? '', link: world.slackUrl }
      },
    },
    {
      title: 'mended: green again, Slack says that it recovered',
      async run() {
        await shop.edit(receipt, text => text.replace('{{', '{').replace('! Receipt', '! Your receipt'))
        const check = await pushed('Mend it', `pr-${pull.number}`)
        green(check)
        await waitFor(
          'the recovery in Slack',
          async () => world.slackTexts().find(text => /recover/i.test(text)) ?? null,
        )
        await waitFor(
          'the comment to say so',
          async () => (await hub.comments(pull.number)).find(one => one.body.includes('1 changed')) ?? null,
        )
        const status = await hub.command(pull.number, 'walt', '/status')
        demand(status.answer.includes('pr-'), `the status of the preview, not ${status.answer}`)
        return { saw: check.output.title ?? '', link: pull.url }
      },
      picture: () => [
        { file: 'pull-request.png', url: pull.url, height: 1_440 },
        { file: 'slack.png', url: world.slackUrl, height: 900 },
      ],
    },
    {
      title: '/pause by a maintainer: executions are accepted and held',
      async run() {
        issue = await hub.openIssue('Operations')
        const { url } = await obeyed('max', '/pause production importProducts "the catalogue is down"')
        held = [await application.request('products', ['sofa'])]
        demand(
          (await application.request<string>('state', held[0])) === 'created',
          'the execution to be held',
        )
        return { saw: '1 accepted and held', link: url }
      },
    },
    {
      title: '/resume: they run',
      async run() {
        const { url } = await obeyed('max', '/resume production importProducts')
        const results = await Promise.all(held.map(answerOf))
        return { saw: `ran, result ${results}`, link: url }
      },
    },
    {
      title: 'the pull request is merged: live in production, the preview is closed',
      async run() {
        await hub.mergePull(pull.number)
        await shop.goTo('main')
        await waitFor('the new receipt', async () =>
          (await receiptNow()).startsWith('Thank you!') ? true : null,
        )
        await waitFor('the preview to close', async () => {
          const states = (await hub.deployments(`pr-${pull.number}`)).map(one => one.state)
          return states.length > 0 && states.every(state => state !== 'success') ? true : null
        })
        return { saw: `"${await receiptNow()}"`, link: pull.url }
      },
    },
    {
      title: '/rollback by somebody who may only read: refused, with the reason',
      async run() {
        const { url, answer } = await obeyed('rita', '/rollback production', 'confused')
        return { saw: firstSentence(answer), link: url }
      },
    },
    {
      title: '/rollback by a maintainer: the next execution runs the earlier version',
      async run() {
        const { url } = await obeyed('max', '/rollback production')
        const value = await receiptNow()
        demand(!value.startsWith('Thank you!'), `the earlier receipt, not ${value}`)
        return { saw: `"${value}"`, link: url }
      },
    },
    {
      title: 'the following push builds, but does not go live until /resume',
      async run() {
        await shop.edit(receipt, text => text.replace('Thank you!', 'Many thanks!'))
        const check = await pushed('Address people')
        green(check)
        demand(!(await receiptNow()).includes('Many thanks'), 'the pinned version to stay')
        const { url } = await obeyed('max', '/resume production')
        await waitFor('the newest version', async () =>
          (await receiptNow()).includes('Many thanks') ? true : null,
        )
        return { saw: `"${await receiptNow()}"`, link: url }
      },
    },
    {
      title: '/delete waits out its grace, /cancel-deletion takes it back',
      async run() {
        await obeyed('alice', '/delete production nightlyReport --confirm nightlyReport')
        const { url, answer } = await obeyed('alice', '/cancel-deletion production nightlyReport')
        return { saw: firstSentence(answer), link: url }
      },
    },
    {
      title: 'the ledger',
      run: () => ledger(application, world),
    },
  ]
  return { steps, application: () => application }
}

async function ledger(application: Application, world: World): Promise<{ saw: string; link: string }> {
  const { accepted, listed } = await application.request<{ accepted: string[]; listed: Held[] }>('ledger')
  const stateOf = new Map(listed.map(one => [one.id, one.state]))
  const lost = accepted.filter(id => !stateOf.has(id))
  const waiting = listed.filter(one => one.state === 'created').length
  const finished = listed.filter(one => !['created', 'started', 'aborting'].includes(one.state)).length
  demand(lost.length === 0, `nothing lost, not ${lost}`)
  demand(finished + waiting === listed.length, 'nothing left running')
  return {
    saw: `accepted ${listed.length} = finished ${finished} + queued or held ${waiting}, lost ${lost.length}`,
    link: `${world.githubUrl}/${world.repository}`,
  }
}

function firstSentence(markdown: string): string {
  const answer = markdown.replaceAll(/<!--[\s\S]*?-->/g, '').replaceAll(/^>.*$/gm, '')
  const plain = answer.replaceAll(/[*`]/g, '').trim()
  return plain.split(/(?<=\.)\s|\n/)[0]?.slice(0, 120) ?? ''
}
