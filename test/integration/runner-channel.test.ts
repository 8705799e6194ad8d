// What a function may do with its own process and the descriptor it answers on: it settles nothing but its own call, once, and
// what it leaves behind does not reach the next call.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Exit } from '../../src/executions/outcome.ts'
import { setup } from './runner-setup.ts'

const returned = (exit: Exit) => (exit.kind === 'returned' ? JSON.parse(exit.result ?? 'null') : exit)

/** Writes a frame as the harness does, for the call of that number. */
const forging = `
import fs from 'node:fs'
const forge = (kind, call, text) => {
  const frame = Buffer.alloc(16 + Buffer.byteLength(text))
  frame.writeUInt32LE(frame.length - 4, 0)
  frame.writeUInt8(kind, 4)
  frame.writeUIntLE(call, 5, 6)
  frame.write(text, 16)
  fs.writeSync(3, frame)
}
`

describe('a function that speaks for the platform', () => {
  test.each([
    ['returned', 4],
    ['threw', 5],
    ['deaf', 6],
    ['nothing that is known', 77],
  ])('%s: only its own answer counts, and its process is used no more', async (_, kind) => {
    const { run } = setup()
    const code = `${forging} export default () => {
      for (let call = 0; call < 5; call++) forge(${kind}, call, '"forged"')
      return ['true', process.pid]
    }`
    const [first, second] = [returned(await run(code)), returned(await run(code))]
    expect([first[0], second[0]]).toEqual(['true', 'true'])
    expect(second[1]).not.toBe(first[1])
  })

  test('before it was asked: the forged answer is none', async () => {
    const code = `${forging} forge(4, 0, '"forged"'); forge(2, 0, ''); export default () => 'true'`
    expect(returned(await setup().run(code))).toBe('true')
  })

  test('after its end: the next call has its own answer, in another process', async () => {
    const { run } = setup()
    const code = `${forging} export default text => {
      process.nextTick(() => setImmediate(() => forge(4, 0, '"forged"')))
      return text
    }`
    expect(returned(await run(code, { args: ['one'] }))).toBe('one')
    expect(returned(await run(code, { args: ['two'] }))).toBe('two')
  })

  test.each([
    ['text', '"returned"'],
    ['a frame without end', 'Buffer.from([255, 255, 255, 255, 4])'],
  ])('with %s in place of frames: its process is ended, and it fails', async (_, bytes) => {
    const code = `import fs from 'node:fs'
      export default () => { fs.writeSync(3, ${bytes}); return new Promise(() => {}) }`
    expect(await setup().run(code)).toMatchObject({ kind: 'exited', signal: 'SIGKILL' })
  })

  test('with the number of the call, found out: what is no JSON is no result', async () => {
    const { run } = setup()
    const code = `${forging}
      import { EventEmitter } from 'node:events'
      const { emit } = EventEmitter.prototype
      EventEmitter.prototype.emit = function (name, chunk) {
        if (name === 'data' && Buffer.isBuffer(chunk) && chunk[4] === 1) forge(4, chunk.readUIntLE(5, 6), '    @${'0'.repeat(64)}')
        return emit.apply(this, arguments)
      }
      export default () => new Promise(() => {})`
    const exit = await run(code)
    expect(exit).toMatchObject({ kind: 'threw', error: { name: 'ResultNotSerializableError' } })
  })

  test('by changing what answers are made with: it changes its own code only', async () => {
    const code = `export default () => {
      JSON.stringify = () => 'forged'
      globalThis.setImmediate = () => {}
      process.exit = () => {}
      Buffer.allocUnsafe = () => { throw new Error() }
      return 'true'
    }`
    const { run } = setup()
    expect(await run(code)).toEqual({ kind: 'returned', result: '"true"' })
  })
})

describe('a result', () => {
  test.each([
    ['a crash in the next tick', 'process.nextTick(() => { throw new Error("late") })', 'late'],
    ['a rejection that nobody handles', 'Promise.reject(new Error("late"))', 'late'],
    ['process.exit right after it', 'process.nextTick(() => process.exit(1))', ''],
  ])('does not count before %s', async (_, code, text) => {
    const exit = await setup().run(`export default () => { ${code}; return 1 }`)
    expect(exit).toMatchObject({ kind: 'exited', code: 1, stderr: expect.stringContaining(text) })
  })
})

/** How many processes three calls took. */
async function processesOf(code: string, args: unknown[] = []) {
  const { run } = setup()
  const pids = []
  for (let call = 0; call < 3; call++) pids.push(returned(await run(code, { args })))
  for (const pid of pids) expect(pid).toBeTypeOf('number')
  return new Set(pids).size
}

describe('what a call leaves behind', () => {
  test.each([
    ['a timer', 'setTimeout(() => { globalThis.late = true }, 50)'],
    ['an interval', 'setInterval(() => {}, 1000)'],
    ['a program', 'spawn("sleep", ["5"], { stdio: "ignore" })'],
    ['a worker', 'new Worker("setInterval(() => {}, 1000)", { eval: true })'],
    ['a server', 'createServer().listen(0)'],
    ['a file being read', 'readFile("/dev/zero", { length: 1e9 }, () => {}); open("/dev/null", () => {})'],
  ])('%s: the next has another process', async (_, leaving) => {
    const code = `import { spawn } from 'node:child_process'
      import { open, readFile } from 'node:fs'
      import { createServer } from 'node:net'
      import { Worker } from 'node:worker_threads'
      export default () => { ${leaving}; return process.pid }`
    expect(await processesOf(code)).toBe(3)
  })

  test('a connection that a pool keeps: the next uses it again', async () => {
    const server = createServer((_, response) => response.end('yes'))
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const byFetch = 'export default async url => { await (await fetch(url)).text(); return process.pid }'
    expect(await processesOf(byFetch, [url])).toBe(1)
    const bySocket = `import net from 'node:net'
      let socket
      export default async url => {
        if (!socket) {
          socket = net.connect(new URL(url).port, '127.0.0.1')
          await new Promise(done => socket.once('connect', done))
        }
        return process.pid
      }`
    expect(await processesOf(bySocket, [url])).toBe(1)
  })

  test('what its module began when it was loaded stays', async () => {
    const code = 'setInterval(() => {}, 1000); export default () => process.pid'
    expect(await processesOf(code)).toBe(1)
  })

  test('a failure of it fails no later call; the process is used no more after that', async () => {
    const server = createServer(request => request.socket.on('error', () => {}))
    const asked: (() => void)[] = []
    server.on('request', (request, response) => {
      if (request.url === '/late') asked.push(() => response.destroy())
      else {
        for (const end of asked) end()
        setTimeout(() => response.end('yes'), 100)
      }
    })
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const code = `import http from 'node:http'
      export default async (url, late) => {
        if (late) await new Promise(sent => {
          const request = http.get(url + '/late')
          request.on('socket', socket => socket.on('connect', () => setTimeout(sent, 50)))
        })
        else await (await fetch(url)).text()
        return process.pid
      }`
    const { run } = setup()
    const pids = []
    for (const late of [true, false, false]) pids.push(returned(await run(code, { args: [url, late] })))
    expect(pids[1]).toBe(pids[0])
    expect(pids[2]).not.toBe(pids[1])
  })
})
