// What `sluice/client` decides by itself: durations, where an application was deployed from, who is called; and which environment
// the server takes a caller of a repository for.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Candidate, chooseEnvironment } from '../../src/api/repository-tokens/choose.ts'
import { branchOf } from '../../src/client/branch.ts'
import { type Duration, dateOf, milliseconds } from '../../src/client/duration.ts'
import { configure, defer, getExecution, rerunExecution, SluiceError } from '../../src/client/index.ts'
import { version } from '../../src/client/version.ts'

afterEach(() => {
  configure({})
  vi.unstubAllEnvs()
})

test('its version is that of the package', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../client/package.json'), 'utf8')
  expect(JSON.parse(text).version).toBe(version)
})

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1 hour, 30 minutes', 5_400_000],
    ['1.5 days', 129_600_000],
    ['2 WEEKS', 1_209_600_000],
  ])('%s', (text, expected) => expect(milliseconds(text)).toBe(expected))

  test.each(['', ' ', '5', 'h', '-1h', '1h later', '3 fortnights', '1 constructor'])(
    '"%s" is refused',
    text => expect(() => milliseconds(text)).toThrow('is no duration'),
  )

  test('an invalid Date is refused, too', () => {
    expect(() => dateOf(new Date('never'))).toThrow('invalid')
    expect(dateOf('1m' as Duration, 0)).toEqual(new Date(60_000))
  })
})

describe('the branch of an application', () => {
  test.each([
    ['Vercel', { VERCEL_GIT_COMMIT_REF: 'topic' }],
    ['Netlify', { NETLIFY: 'true', HEAD: 'topic', BRANCH: 'pull/7/head' }],
    ['Netlify, a branch', { NETLIFY: 'true', BRANCH: 'topic' }],
    ['Render', { RENDER_GIT_BRANCH: 'topic' }],
    ['Railway', { RAILWAY_GIT_BRANCH: 'topic' }],
    ['Cloudflare Pages', { CF_PAGES_BRANCH: 'topic' }],
    ['GitHub Actions, a push', { GITHUB_REF_NAME: 'topic', GITHUB_HEAD_REF: '' }],
    ['GitHub Actions, a pull request', { GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'topic' }],
  ])('on %s', (_, variables) => expect(branchOf(variables)).toBe('topic'))

  test('words that mean something else elsewhere are not taken for it', () =>
    expect(branchOf({ BRANCH: 'x', HEAD: 'y' })).toBeUndefined())
})

const production = {
  id: '1',
  name: 'production',
  kind: 'branch',
  branch: 'main',
  production: true,
  trusted: true,
}
const candidates = [
  production,
  { ...production, id: '2', name: 'pr-7', kind: 'preview', branch: 'topic', production: false },
  {
    ...production,
    id: '3',
    name: 'pr-8',
    kind: 'preview',
    branch: 'main',
    production: false,
    trusted: false,
  },
  { ...production, id: '4', name: 'api', branch: 'next', production: false },
  { ...production, id: '5', name: 'jobs', branch: 'next', production: false },
  {
    ...production,
    id: '6',
    name: 'pr-9',
    kind: 'preview',
    branch: 'theirs',
    production: false,
    trusted: false,
  },
] as Candidate[]
const choose = (asked: { environment?: string; branch?: string }, mayBeProduction = true) =>
  chooseEnvironment(candidates, { environment: null, branch: null, ...asked }, mayBeProduction).name

describe('the environment that the caller of a repository means', () => {
  test('is named, or of the branch', () => {
    expect(choose({ environment: 'pr-9' })).toBe('pr-9')
    expect(choose({ branch: 'topic' })).toBe('pr-7')
    expect(choose({ environment: 'jobs', branch: 'topic' })).toBe('jobs')
  })

  test('is never a preview of a stranger that calls its branch main', () => {
    expect(choose({ branch: 'main' })).toBe('production')
    expect(() => choose({ branch: 'theirs' })).toThrow('No open environment is of the branch "theirs"')
  })

  test('is never guessed', () => {
    expect(() => choose({ branch: 'next' })).toThrow('api, jobs')
    expect(() => choose({ branch: 'gone' })).toThrow('production (main)')
    expect(() => choose({})).toThrow('X-Environment')
    expect(() => choose({ environment: 'gone' })).toThrow('There is no open environment "gone"')
  })

  test('is not production with a token that may not', () => {
    expect(() => choose({ branch: 'main' }, false)).toThrow('is production')
    expect(choose({ branch: 'topic' }, false)).toBe('pr-7')
  })
})

describe('a request', () => {
  const answers = (...list: (Response | Error)[]) => {
    const seen: { url: string; headers: Headers; body: string }[] = []
    const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
      seen.push({ url: String(url), headers: new Headers(init.headers), body: String(init.body) })
      const next = list.shift()
      if (!next || next instanceof Error) throw next ?? new TypeError('fetch failed')
      return next
    }
    return { seen, fetch }
  }
  const server = (...list: (Response | Error)[]) => {
    const { seen, fetch } = answers(...list)
    configure({ url: 'https://sluice.example.com/below/', token: 'slt_x', fetch })
    return seen
  }
  const execution = {
    ...{ id: 'e1', state: 'created', function_name: 'greet', function_id: 'f1' },
    ...{
      scheduled_at: '2026-01-01T00:00:00Z',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    },
  }
  const greet = defer(async function greet(_name: string) {})

  test('that got no answer, or was put off, is repeated as it was, under one key', async () => {
    const seen = server(
      new TypeError('fetch failed'),
      Response.json({ error: 'unavailable' }, { status: 503 }),
      Response.json({ data: execution }, { status: 201 }),
    )
    expect((await greet('ada')).id).toBe('e1')
    expect(seen[0]?.url).toBe('https://sluice.example.com/below/public/v2/executions')
    expect(new Set(seen.map(one => one.headers.get('idempotency-key'))).size).toBe(1)
    expect(new Set(seen.map(one => one.body))).toEqual(
      new Set(['{"function_name":"greet","function_arguments":["ada"]}']),
    )
  })

  test('that could be done twice is sent once', async () => {
    const seen = server()
    await expect(rerunExecution('e1')).rejects.toMatchObject({ code: 'unreachable' })
    expect(seen).toHaveLength(1)
  })

  test('is refused in the words of the server, and of a proxy before it', async () => {
    server(
      Response.json({ error: 'unauthorized', message: 'The token is not valid.' }, { status: 401 }),
      new Response('<html>403</html>', { status: 403 }),
    )
    const refused = getExecution('e1')
    await expect(refused).rejects.toThrow(SluiceError)
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
    await expect(getExecution('e1')).rejects.toMatchObject({ message: '<html>403</html>', status: 403 })
  })

  test('without settings says which are missing', async () => {
    for (const name of ['SLUICE_TOKEN', 'SLUICE_URL', 'DEFER_TOKEN', 'DEFER_ENDPOINT']) vi.stubEnv(name, '')
    await expect(greet('ada')).rejects.toThrow('SLUICE_TOKEN is not set')
  })

  test('within a function goes to the server that runs it, whatever was copied into its variables', async () => {
    const { seen, fetch } = answers(Response.json({ data: execution }))
    configure({ fetch })
    vi.stubEnv('SLUICE_TOKEN', 'slb_copied')
    vi.stubEnv('SLUICE_URL', 'https://elsewhere.example.com')
    vi.stubEnv('DEFER_TOKEN', 'slr_own')
    vi.stubEnv('DEFER_ENDPOINT', 'https://here.example.com')
    await getExecution('e1')
    expect(seen[0]?.url).toBe('https://here.example.com/public/v2/executions/e1')
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer slr_own')
  })
})
