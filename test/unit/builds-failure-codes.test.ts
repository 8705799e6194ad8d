// The table of failures against the page people read. (That every failure has a code of the table, the types say.)
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { failureCodes, failureCodesPage } from '../../src/builds/failure-codes.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

test('docs/build-failures.md says what the table says: npm run generate:docs', () => {
  expect(read('docs/build-failures.md')).toBe(failureCodesPage())
})

test.each(Object.entries(failureCodes))(
  '%s says in a sentence what it means and what to do',
  (_code, meaning) => {
    expect([meaning.means, meaning.remedy].filter(text => !/^["A-Z].*\.$/.test(text))).toEqual([])
  },
)
