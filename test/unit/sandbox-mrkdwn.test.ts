// Slack's mrkdwn and blocks: what is marked is marked, what is text stays text, what Slack refuses is refused.
import { expect, test } from 'vitest'
import { buttonsOf, checkBlocks } from '../../sandbox/slack/blocks.ts'
import { renderMrkdwn } from '../../sandbox/slack/mrkdwn.ts'

const render = (text: string) => renderMrkdwn(text, id => (id === 'U1' ? 'alice' : id)).text

test.each([
  ['*bold* _it_ ~gone~ `a*b*`', '<strong>bold</strong> <em>it</em> <del>gone</del> <code>a*b*</code>'],
  ['<https://example.test/a?b=1&amp;c|the page>', '<a href="https://example.test/a?b=1&amp;c">the page</a>'],
  ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 &lt; 2 &amp;&amp; 3 &gt; 2'],
  ['&gt; quoted\nafter', '<blockquote>quoted</blockquote>after'],
  ['hello <@U1>', 'hello <span class="mention">@alice</span>'],
  ['```\ncode\n```', '<pre>code\n</pre>'],
  ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
])('%j', (text, expected) => {
  expect(render(text)).toBe(expected)
})

test.each([
  '<img src=x onerror=alert(1)>',
  '*<script>alert(1)</script>*',
  '<javascript:alert(1)|x>',
  '`<b>`',
])('nothing of the author becomes a tag: %s', text => {
  expect(render(text)).not.toMatch(/<(img|script|b>)|href="javascript/)
})

const button = { type: 'button', text: { type: 'plain_text', text: 'Go' }, action_id: 'go' }

test.each([
  ['an unknown type', [{ type: 'nope' }]],
  ['a header that is too long', [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }]],
  ['a section without text', [{ type: 'section' }]],
  ['a section that is too long', [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }]],
  ['two buttons with one action_id', [{ type: 'actions', elements: [button, button] }]],
  [
    'eleven fields',
    [{ type: 'section', fields: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'x' })) }],
  ],
  ['more than fifty blocks', Array.from({ length: 51 }, () => ({ type: 'divider' }))],
  [
    'a long button',
    [{ type: 'actions', elements: [{ ...button, text: { type: 'plain_text', text: 'x'.repeat(76) } }] }],
  ],
])('blocks with %s are invalid', (_, blocks) => {
  expect(checkBlocks(blocks)).toBeNull()
})

test('buttons are found in action rows and beside sections', () => {
  const blocks = checkBlocks([
    { type: 'section', text: { type: 'mrkdwn', text: 'x' }, accessory: { ...button, action_id: 'side' } },
    { type: 'actions', elements: [button], block_id: 'row' },
  ])
  expect(buttonsOf(blocks)).toMatchObject([{ actionId: 'side' }, { actionId: 'go', blockId: 'row' }])
})
