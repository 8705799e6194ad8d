// Writes the pages of docs/ that are made of tables in the code.
import { writeFileSync } from 'node:fs'
import { failureCodesPage } from '../src/builds/failure-codes.ts'

writeFileSync(new URL('../docs/build-failures.md', import.meta.url), failureCodesPage())
