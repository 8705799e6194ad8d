// The table of failures against the builder's code and the page people read.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { failureCodes, failureCodesPage } from '../../src/builds/failure-codes.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

test('every code of the table is given somewhere in the builder (that no other is, the types say)', () => {
  const sources = readdirSync(path.join(root, 'src/builds'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== 'failure-codes.ts')
    .map(file => read(`src/builds/${file}`))
  const given = new Set(
    sources.flatMap(text => [...text.matchAll(/'([a-z]+_[a-z_]+)'/g)].map(([, word]) => word)),
  )
  expect(Object.keys(failureCodes).filter(code => !given.has(code))).toEqual([])
})

test('docs/build-failures.md says what the table says: npm run generate:docs', () => {
  expect(read('docs/build-failures.md')).toBe(failureCodesPage())
})

test.each(Object.entries(failureCodes))(
  '%s says in a sentence what it means and what to do',
  (_code, meaning) => {
    expect([meaning.means, meaning.remedy].filter(text => !/^["A-Z].*\.$/.test(text))).toEqual([])
  },
)
