import { describe, expect, test } from 'vitest'
import { maxValueBytes, refuseName, refuseTotal, refuseValue } from '../../src/environments/variable-rules.ts'

describe('a name', () => {
  test.each([
    'STRIPE_KEY',
    'npm_token',
    '_x',
    'A',
    'DATABASE_URL',
    'YARN_NPM_AUTH_TOKEN',
    'GIT_TOKEN',
    'NODEMAILER',
  ])('%s may be used', name => {
    expect(refuseName(name)).toBeNull()
  })

  // DEFER.md section 1, and what does the same by another way.
  test.each([
    'DEFER_TOKEN',
    'DEFER_ENDPOINT',
    'NODE_ENV',
    'FORCE_COLOR',
    'NO_COLOR',
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_EXTRA_CA_CERTS',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'NODE_V8_COVERAGE',
    'NODE_DEBUG',
    'OPENSSL_CONF',
    'SSL_CERT_DIR',
    'SSL_CERT_FILE',
    'UV_THREADPOOL_SIZE',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'ENV',
    'PATH',
    'HOME',
    'TMPDIR',
    'TZ',
    'SLUICE_MASTER_KEY',
    'npm_config_registry',
    'NPM_CONFIG_REGISTRY',
    'node_options',
    'YARN_NPM_REGISTRY_SERVER',
    'BUN_CONFIG_REGISTRY',
    'GIT_SSH_COMMAND',
    'GIT_CONFIG_COUNT',
    '__proto__',
  ])('%s is reserved, and told why', name => {
    expect(refuseName(name)).toMatch(new RegExp(`^${name} cannot be set: \\w+`))
  })

  test.each(['', '1A', 'A B', 'A=B', 'A-B', 'Ä', 'A\n', 'x'.repeat(129)])('%j is none', name => {
    expect(refuseName(name)).toMatch(/is no name of a variable/)
  })
})

describe('a value', () => {
  test('of any text within the size may be kept', () => {
    for (const value of ['x', 'a\nb', '🔑', 'x'.repeat(maxValueBytes)])
      expect(refuseValue('A', value)).toBeNull()
  })

  test.each([
    ['', /empty; remove/],
    ['hunter2\0', /NUL/],
    ['hunter2\ud800', /no UTF-8/],
    [`hunter2${'x'.repeat(maxValueBytes)}`, /more than the 32768/],
  ])('%# is refused without being repeated', (value, message) => {
    expect(refuseValue('A', value)).toMatch(message)
    expect(refuseValue('A', value)).not.toContain('hunter2')
  })

  test('all together fit into a process', () => {
    const values = (count: number, bytes: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, 'x'.repeat(bytes)]))
    expect(refuseTotal(values(500, 100))).toBeNull()
    expect(refuseTotal(values(501, 1))).toMatch(/more than 500/)
    expect(refuseTotal(values(9, 30_000))).toMatch(/more than the 262144/)
  })
})
