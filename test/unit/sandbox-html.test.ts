// Text never becomes markup: the html tag, and the Markdown subset on top of it.
import { expect, test } from 'vitest'
import { html, safeUrl, trusted } from '../../sandbox/html.ts'
import { renderMarkdown } from '../../sandbox/markdown.ts'

const render = (text: string) => renderMarkdown(text).text

test('the html tag escapes what it is given, in text and in attributes', () => {
  const evil = `<img src=x onerror="alert('1')">`
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;</p>',
  )
})

test('the html tag keeps its own results, joins lists and leaves out what is absent', () => {
  expect(html`${[html`<b>1</b>`, 2, null, undefined, false, trusted('<i>')]}`.text).toBe('<b>1</b>2<i>')
})

test.each([
  ['javascript:alert(1)', '#'],
  ['JAVASCRIPT:alert(1)', '#'],
  ['data:text/html,x', '#'],
  ['//evil.test', '#'],
  ['/\\evil.test', '#'],
  ['/acme/site', '/acme/site'],
  ['https://example.test/a?b', 'https://example.test/a?b'],
])('a link to %s goes to %s', (address, expected) => {
  expect(safeUrl(address)).toBe(expected)
})

test.each([
  '<img src=x onerror=alert(1)>',
  '**<img src=x onerror=alert(1)>**',
  '| <img src=x onerror=alert(1)> |\n|---|\n| <script>alert(1)</script> |',
  '- <script>alert(1)</script>',
  '```\n<script>alert(1)</script>\n```',
  '`<script>alert(1)</script>`',
  '<details><summary><script>alert(1)</script></summary><img src=x onerror=alert(1)></details>',
  '[<img src=x onerror=alert(1)>](https://example.test)',
  '> <iframe src=x>',
  '<sub onclick=alert(1)>x</sub>',
  '<details ontoggle=alert(1)>x</details>',
  '# <svg onload=alert(1)>',
])('no tag of the author survives: %s', text => {
  expect(render(text)).not.toMatch(/<(img|script|iframe|svg|sub |details )/)
})

test('links only lead where links may lead', () => {
  expect(render('[click](javascript:alert(1))')).not.toContain('href')
  expect(render('![x](data:text/html;base64,AAAA)')).not.toContain('href')
  expect(render('[a](https://example.test/"onmouseover=alert)')).not.toContain('"onmouseover')
  expect(render('see https://example.test/a_b_c.')).toContain('<a href="https://example.test/a_b_c"')
})

test.each([
  ['one\ntwo\n\nthree', '<p>one<br>two</p><p>three</p>'],
  ['**bold** and `a*b*c` and _it_', '<p><strong>bold</strong> and <code>a*b*c</code> and <em>it</em></p>'],
  ['snake_case_name stays', '<p>snake_case_name stays</p>'],
  ['```ts\nconst a = `1`\n```\nafter', '<pre><code>const a = &#96;1&#96;</code></pre><p>after</p>'],
  ['- a\n- b\n  more', '<ul><li>a</li><li><p>b<br>more</p></li></ul>'],
  ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
  ['### Title', '<h3>Title</h3>'],
  ['<!-- sluice:marker -->\nhello', '<p>hello</p>'],
  ['text <!-- hidden --> more', '<p>text  more</p>'],
  ['> quoted', '<blockquote><p>quoted</p></blockquote>'],
  ['---', '<hr>'],
])('%j', (text, expected) => {
  expect(render(text)).toBe(expected)
})

test('tables, with pipes inside code', () => {
  expect(render('| a | b |\n|---|:-:|\n| `x|y` | **2** |')).toBe(
    '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td><strong>2</strong></td></tr></tbody></table>',
  )
})

test('details hold blocks, and one another', () => {
  const text =
    '<details>\n<summary>More **now**</summary>\n\n- a\n\n<details><summary>In</summary>deep</details>\n</details>\n\nafter'
  expect(render(text)).toBe(
    '<details><summary>More <strong>now</strong></summary><ul><li>a</li></ul><details><summary>In</summary><p>deep</p></details></details><p>after</p>',
  )
})
