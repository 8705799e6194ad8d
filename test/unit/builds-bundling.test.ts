import { describe, expect, test } from 'vitest'
import { decoratorLines, withoutComments } from '../../src/builds/bundling/plain-javascript.ts'

describe('decorators are found in text', () => {
  test.each<[string, string, number[]]>([
    ['of a class', '\n@Injectable()\nexport class A {}\n', [2]],
    ['without arguments', '@sealed\nclass A {}', [1]],
    [
      'of members and parameters',
      'class A {\n  @Column() name = 1\n  constructor(@Inject(B) b) {}\n}',
      [2, 3],
    ],
    ['on the line of the class', '@a.b() class A {}', [1]],
    ['none where there is no class', '@Injectable()\n', []],
    ['none in comments', '/**\n * @Injectable()\n @Two()\n */\n// @Three()\nclass A {}', []],
    ['none in strings', "const css = `\n@media(print) {}\n`\nclass A { at = '@x()' }", []],
    ['none in names of packages', "import { a } from '@nestjs/common'\nclass A {}", []],
  ])('%s', (_, text, lines) => {
    expect(decoratorLines(text)).toEqual(lines)
  })

  test('comments go, lines and strings stay', () => {
    expect(withoutComments("a /* b\nc */ '/* d */' // e\nf")).toBe("a     \n     '/* d */'     \nf")
  })
})
