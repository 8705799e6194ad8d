// What a command may see and reach, as bubblewrap's arguments. Everything keeps the path it has outside, so that paths in
// messages, maps and links mean the same on both sides; what is not named is not there. Pure.

/** Paths are absolute. Later ones lie over earlier ones. */
export interface Walls {
  /** Seen and not changed; what does not exist is left out. */
  reads: readonly string[]
  writes: readonly string[]
  /** Files that lie in a folder that is seen, and look empty. */
  hidden: readonly string[]
  /** What stands at /tmp: a folder, or nothing of the machine's, in memory, up to that size. */
  temporary: string | { bytes: number }
  network: boolean
}

/** What of the machine every command sees: its programs and libraries. */
export interface System {
  reads: readonly { from: string; at: string }[]
  links: readonly { target: string; at: string }[]
}

export interface Bubblewrap {
  file: string
  /** Where a container forbids mounting a new /proc, the machine's own stands there; our processes stay out of reach. */
  proc: 'own' | 'host'
  /** Whether a process may make namespaces of its own; false where bubblewrap can forbid it. */
  nested: boolean
}

// No user of the machine; inside it owns what we own outside.
const nobody = '65534'
const sharedMemoryBytes = 256 * 1024 * 1024

/**
 * Comes before the command. Start bubblewrap with the command's environment: its first process in there keeps the
 * environment it was started with, for all to read.
 */
export function bubblewrapped(
  bubblewrap: Bubblewrap,
  system: System,
  walls: Walls,
  cwd: string,
): readonly string[] {
  return [
    bubblewrap.file,
    '--unshare-user',
    ...(bubblewrap.nested ? [] : ['--disable-userns']),
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(walls.network ? [] : ['--unshare-net']),
    '--die-with-parent',
    '--new-session',
    '--cap-drop',
    'ALL',
    '--uid',
    nobody,
    '--gid',
    nobody,
    '--hostname',
    'sluice',
    ...system.reads.flatMap(({ from, at }) => ['--ro-bind-try', from, at]),
    ...system.links.flatMap(({ target, at }) => ['--symlink', target, at]),
    ...(bubblewrap.proc === 'own' ? ['--proc', '/proc'] : ['--ro-bind', '/proc', '/proc']),
    '--dev',
    '/dev',
    '--size',
    String(sharedMemoryBytes),
    '--tmpfs',
    '/dev/shm',
    ...(typeof walls.temporary === 'string'
      ? ['--bind', walls.temporary, '/tmp']
      : ['--size', String(walls.temporary.bytes), '--tmpfs', '/tmp']),
    ...walls.reads.flatMap(path => ['--ro-bind-try', path, path]),
    ...walls.writes.flatMap(path => ['--bind', path, path]),
    ...walls.hidden.flatMap(path => ['--ro-bind', '/dev/null', path]),
    // The root and /dev are file systems in memory, which nothing would keep small.
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--chdir',
    cwd,
    '--',
  ]
}
