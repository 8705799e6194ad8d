import { expect, test } from 'vitest'
import { lookUpTypes } from '../../src/builds/bundling/metadata-types.ts'

const asks = (name: string) => `typeof ${name} === "undefined" ? Object : ${name}`

test.each<[string, string, string, string]>([
  [
    'a named import is looked up in its module, on the line it has',
    `import { A } from './a';\n${asks('A')}`,
    '',
    `import { A } from './a'; import * as __types0 from 'types-of:./a';\n${asks('__types0.A')}`,
  ],
  [
    'one with another name, beside a default',
    `import D, { A as B, C } from "./a";\n${asks('B')}, ${asks('D')}`,
    '',
    `import D, { A as B, C } from "./a"; import * as __types0 from "types-of:./a";\n${asks('__types0.A')}, ${asks('__types0.default')}`,
  ],
  [
    'a name that no metadata asks for stays alone',
    `import { A } from './a';\n${asks('Date')}`,
    '',
    `import { A } from './a';\n${asks('Date')}`,
  ],
  [
    'what only looks like an import, after the first class, is text',
    `export class X {}\nimport { A } from './a';\n${asks('A')}`,
    '',
    `export class X {}\nimport { A } from './a';\n${asks('A')}`,
  ],
  [
    'what the file says is a type is none of the language',
    [asks('Request'), asks('Response'), asks('Id'), asks('Event'), asks('Map')].join(),
    'import type { Request } from "x"\nimport { type Response } from "x"\ntype Id = 1\ninterface Event {}\nclass Map {}\ntype Map = 1',
    ['Object', 'Object', 'Object', 'Object', asks('Map')].join(),
  ],
])('%s', (_, code, text, expected) => {
  expect(lookUpTypes(code, text)).toBe(expected)
})
