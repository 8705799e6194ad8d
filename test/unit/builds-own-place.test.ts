import { describe, expect, test } from 'vitest'
import { namedBeside, placed } from '../../src/builds/bundling/own-place.ts'

describe('files that code names by its own place', () => {
  test.each<[string, string, string[]]>([
    ['a URL', "readFile(new URL('./page.html', import.meta.url))", ['src/jobs/page.html']],
    ['a URL above', 'new URL("../data/a.csv", import.meta.url).pathname', ['src/data/a.csv']],
    ['parts', "path.join(__dirname, '..', 'data', 'a.csv')", ['src/data/a.csv']],
    ['parts, resolved, of the modern name', 'resolve(import.meta.dirname, "a.txt")', ['src/jobs/a.txt']],
    ['a sum', "__dirname + '/a.txt'", ['src/jobs/a.txt']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    ['a template', '`${__dirname}/views`', ['src/jobs/views']],
    [
      'a require of its own',
      "const require = createRequire(import.meta.url)\nrequire('./a.json'), require('pg')",
      ['src/jobs/a.json'],
    ],
    ['its own folder', "new URL('.', import.meta.url)", []],
    ['what is computed', 'path.join(__dirname, name)', []],
    ['a page of the web', "new URL('https://example.com', import.meta.url)", []],
    ['what lies outside of the repository', "path.join(__dirname, '../../../x')", []],
  ])('%s', (_, text, expected) => {
    expect(namedBeside('src/jobs/mail.ts', text)).toEqual(expected)
  })
})

test('code is told its place, line by line, and keeps what it declares itself', () => {
  const text = "#!/usr/bin/env node\nconst a = import.meta.url\nuse(__dirname)\nconst __filename = 'own'\n"
  expect(placed('src/a.ts', text)).toBe(
    `#!/usr/bin/env node
const __dirname = (__sluiceFolder + "/source/src");const a = new URL("./source/src/a.ts", __sluiceUrl).href
use(__dirname)
const __filename = 'own'
`,
  )
})
