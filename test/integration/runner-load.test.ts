// How a child loads what a build made: modules of every kind, and errors that tell the places of the sources.
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { setup } from './runner-setup.ts'

/** As a build makes it, its map beside it, or in it. */
async function bundled(contents: string, sourcemap: true | 'inline') {
  const { outputFiles } = await build({
    stdin: { contents, sourcefile: 'src/orders.ts', loader: 'ts' },
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    sourcemap,
    outfile: 'bundle.mjs',
  })
  const find = (end: string) => outputFiles.find(one => one.path.endsWith(end))?.text
  return { code: find('.mjs') ?? '', sourceMap: find('.map') }
}

const throwing = `
interface Order { id: string }

function take(order: Order): never {
  throw new Error(\`none left of \${order.id}\`)
}
export default async (id: string) => take({ id })`

test.each([true, 'inline'] as const)('a stack names the places of the sources (map: %s)', async sourcemap => {
  const { code, sourceMap } = await bundled(throwing, sourcemap)
  const exit = await setup().run(code, { args: ['a'], ...(sourceMap && { sourceMap }) })
  expect(exit).toMatchObject({ kind: 'threw', error: { message: 'none left of a' } })
  const stack = exit.kind === 'threw' ? exit.error.stack : ''
  expect(stack).toMatch(
    /^Error: none left of a\n {4}at take \(src\/orders\.ts:5:9\)\n {4}at .*src\/orders\.ts:7:/,
  )
  expect(stack).not.toMatch(/bundle\.mjs|child-|node:internal/)
})

test('an error at the load ends at the code that threw it', async () => {
  const { code, sourceMap = '' } = await bundled('export default 1\nthrow new Error("at the top")', true)
  const exit = await setup().run(code, { sourceMap })
  const stack = exit.kind === 'threw' ? exit.error.stack : ''
  expect(stack).toBe('Error: at the top\n    at src/orders.ts:2:7')
})

test('code may read stacks in its own way', async () => {
  const exit = await setup().run(
    'export default () => { Error.prepareStackTrace = (_, sites) => typeof sites[0].getFileName(); return new Error("no").stack }',
  )
  expect(exit).toEqual({ kind: 'returned', result: '"string"' })
})

test('code may await while it loads, runs once, and is nobody’s main program', async () => {
  const exit = await setup().run(`
    import { createRequire } from 'node:module'
    globalThis.loads = (globalThis.loads ?? 0) + 1
    const name = await Promise.resolve('awaited')
    const { main } = createRequire(import.meta.url)
    export default () => [name, globalThis.loads, main === undefined, import.meta.main === true]`)
  expect(exit).toEqual({ kind: 'returned', result: '["awaited",1,true,false]' })
})
