import { describe, expect, test } from 'vitest'
import { type Bubblewrap, bubblewrapped, type Walls } from '../../src/isolation/bubblewrap.ts'
import { enclose, type Isolation, levelOf } from '../../src/isolation/isolation.ts'
import { limited, limitOfSignal } from '../../src/isolation/limits.ts'

const bubblewrap: Bubblewrap = { file: '/usr/bin/bwrap', proc: 'own', nested: false }
const system = { reads: [{ from: '/usr', at: '/usr' }], links: [{ target: 'usr/bin', at: '/bin' }] }
const walls: Walls = {
  reads: ['/data/installs/1', '/data/builds/7/bundles'],
  writes: ['/data/builds/7/home'],
  hidden: ['/usr/etc/npmrc'],
  temporary: '/data/builds/7/tmp',
  network: false,
}
const limits = { memoryBytes: 1024, cpuSeconds: 1.5, fileBytes: 1_000, niceness: 10, oomScore: 1_000 }
const isolation: Isolation = {
  bubblewrap,
  system,
  nice: '/usr/bin/nice',
  leash: ['leash', '--'],
  cgroups: null,
  lacks: [],
}

/** The options of a name, with their values. */
function optionsOf(given: readonly string[], name: string, values: number): string[] {
  return [...given.keys()]
    .filter(at => given[at] === name)
    .map(at => given.slice(at + 1, at + 1 + values).join(' '))
}

describe('the arguments of bubblewrap', () => {
  test('name what is seen and what is written, each under its own path', () => {
    const given = bubblewrapped(bubblewrap, system, walls, '/data/builds/7/home')
    expect(optionsOf(given, '--ro-bind-try', 2)).toEqual([
      '/usr /usr',
      '/data/installs/1 /data/installs/1',
      '/data/builds/7/bundles /data/builds/7/bundles',
    ])
    expect(optionsOf(given, '--bind', 2)).toEqual([
      '/data/builds/7/tmp /tmp',
      '/data/builds/7/home /data/builds/7/home',
    ])
    expect(optionsOf(given, '--ro-bind', 2)).toEqual(['/dev/null /usr/etc/npmrc'])
    expect(optionsOf(given, '--symlink', 2)).toEqual(['usr/bin /bin'])
    expect(given.slice(-3)).toEqual(['--chdir', '/data/builds/7/home', '--'])
  })

  test('put a capped file system in memory at /tmp where no folder is to stand there', () => {
    const given = bubblewrapped(bubblewrap, system, { ...walls, temporary: { bytes: 4_096 } }, '/tmp')
    expect(optionsOf(given, '--tmpfs', 1)).toEqual(['/dev/shm', '/tmp'])
    expect(given.slice(given.indexOf('/tmp') - 3, given.indexOf('/tmp'))).toEqual([
      '--size',
      '4096',
      '--tmpfs',
    ])
  })

  test('what lies in memory can be written nowhere but in the capped /dev/shm', () => {
    const given = bubblewrapped(bubblewrap, system, walls, '/')
    expect(optionsOf(given, '--tmpfs', 1)).toEqual(['/dev/shm'])
    expect(given[given.indexOf('--tmpfs') - 2]).toBe('--size')
    expect(optionsOf(given, '--remount-ro', 1)).toEqual(['/dev', '/'])
  })

  test('the network is there only where it is asked for', () => {
    expect(bubblewrapped(bubblewrap, system, walls, '/')).toContain('--unshare-net')
    expect(bubblewrapped(bubblewrap, system, { ...walls, network: true }, '/')).not.toContain('--unshare-net')
  })

  test("a container that forbids a new /proc gets the machine's", () => {
    const given = bubblewrapped({ ...bubblewrap, proc: 'host', nested: true }, system, walls, '/')
    expect(optionsOf(given, '--ro-bind', 2)).toContain('/proc /proc')
    expect(given).not.toContain('--proc')
    expect(given).not.toContain('--disable-userns')
  })
})

describe('a command that is enclosed', () => {
  const command = { file: 'node', args: ['x.mjs'], cwd: '/' }

  test('is limited first, then isolated', () => {
    const { file, args } = enclose(isolation, command, walls, limits, [])
    expect(file).toBe('/bin/sh')
    expect(args.indexOf('/usr/bin/bwrap')).toBeLessThan(args.indexOf('node'))
    expect(args).not.toContain('leash')
    expect(levelOf(isolation)).toBe('bubblewrap')
  })

  test('is at least tied to us where there is no bubblewrap', () => {
    const without = { ...isolation, bubblewrap: null }
    const { args } = enclose(without, command, walls, limits, [])
    expect(args.slice(-4)).toEqual(['leash', '--', 'node', 'x.mjs'])
    expect(levelOf(without)).toBe('process')
  })
})

describe('limits of a process', () => {
  test('memory is counted beyond what an empty Node takes; sizes are rounded up', () => {
    const [, , script] = limited(limits, [], null)
    expect(script).toContain('ulimit -d 614401 ')
    expect(script).toContain('ulimit -f 2 ')
    expect(script).toContain('ulimit -S -t 2 ')
    expect(script).toContain('ulimit -H -t 7 ')
  })

  test('of one that stays are none of time, and it is no nicer than we are', () => {
    const [, , script] = limited({ ...limits, cpuSeconds: null, niceness: 0, oomScore: 500 }, [], '/bin/nice')
    expect(script).not.toContain('-t ')
    expect(script).toContain('echo 500 > /proc/self/oom_score_adj')
    expect(script).toMatch(/\nexec "\$@"$/)
  })

  test('the groups it joins are arguments of the script, not of the command', () => {
    const given = limited(limits, ['/cgroup/a b', '/cgroup/c'], null)
    expect(given[2]).toContain('echo $$ > "$1"\necho $$ > "$2"\nshift 2\n')
    expect(given.slice(3)).toEqual(['sh', '/cgroup/a b', '/cgroup/c'])
  })

  test('are told from other endings', () => {
    expect(limitOfSignal({ signal: 'SIGXCPU' })).toBe('cpu')
    expect(limitOfSignal({ code: 152 })).toBe('cpu')
    expect(limitOfSignal({ code: 153 })).toBe('file_size')
    expect(limitOfSignal({ signal: 'SIGKILL' })).toBe(null)
    expect(limitOfSignal({ code: 1 })).toBe(null)
  })
})
