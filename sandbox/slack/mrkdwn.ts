// Slack's mrkdwn as HTML. Escaped first, then the few marks are applied to text that can no longer be markup. Pure.
import { type Html, html, safeUrl, trusted } from '../html.ts'

/** Slack sends `&amp;`, `&lt;` and `&gt;` for the characters themselves; anything else is text. */
const decode = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

const patterns = [
  /```(?<pre>.+?)```/,
  /`(?<code>[^`\n]+)`/,
  /<(?<target>https?:[^|>\s]+|mailto:[^|>\s]+)(?:\|(?<label>[^>]*))?>/,
  /<(?<mention>[@#!][^>]*)>/,
  /(?<![\w*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])/,
  /(?<!\w)_(?<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)/,
  /(?<![\w~])~(?<struck>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/,
  /(?<emoji>:[a-z0-9_+-]+:)/,
  /(?<break>\n)/,
]
const anything = new RegExp(patterns.map(pattern => pattern.source).join('|'), 'gs')

const emoji: Record<string, string> = {
  ':white_check_mark:': '✅',
  ':leftwards_arrow_with_hook:': '↩️',
  ':x:': '❌',
  ':pushpin:': '📌',
  ':no_entry_sign:': '🚫',
  ':hammer_and_wrench:': '🛠️',
  ':fast_forward:': '⏩',
  ':warning:': '⚠️',
  ':rocket:': '🚀',
  ':hourglass_flowing_sand:': '⏳',
  ':double_vertical_bar:': '⏸️',
  ':rotating_light:': '🚨',
  ':eyes:': '👀',
}

export type Names = (mention: string) => string

/** `names` turns what a mention refers to (`U0…`, `C0…`) into a name. */
export function renderMrkdwn(text: string, names: Names = mention => mention): Html {
  const lines = text.split('\n')
  const parts: Html[] = []
  while (lines.length > 0) parts.push(takeQuoteOrText(lines, names))
  return html`${parts}`
}

function takeQuoteOrText(lines: string[], names: Names): Html {
  const isQuote = (line: string) => /^(>|&gt;)/.test(line)
  const quoted = isQuote(lines[0] ?? '')
  const taken: string[] = []
  while (lines[0] !== undefined && isQuote(lines[0]) === quoted) taken.push(lines.shift() ?? '')
  if (!quoted) return inline(taken.join('\n'), names)
  return html`<blockquote>${inline(taken.map(line => line.replace(/^(>|&gt;) ?/, '')).join('\n'), names)}</blockquote>`
}

function inline(text: string, names: Names): Html {
  const parts: Html[] = []
  let last = 0
  for (const match of text.matchAll(anything)) {
    parts.push(html`${decode(text.slice(last, match.index))}`, mark(match.groups ?? {}, names))
    last = match.index + match[0].length
  }
  return html`${parts}${decode(text.slice(last))}`
}

type Groups = Record<string, string | undefined>

function mark(found: Groups, names: Names): Html {
  if (found.pre !== undefined) return html`<pre>${decode(found.pre).replace(/^\n/, '')}</pre>`
  if (found.code !== undefined) return html`<code>${decode(found.code)}</code>`
  if (found.target !== undefined) return link(found.target, found.label)
  if (found.mention !== undefined) return mention(found.mention, names)
  if (found.emoji !== undefined) return html`${emoji[found.emoji] ?? found.emoji}`
  if (found.break !== undefined) return html`<br>`
  if (found.bold !== undefined) return wrap('strong', found.bold, names)
  if (found.italic !== undefined) return wrap('em', found.italic, names)
  return wrap('del', found.struck ?? '', names)
}

function wrap(tag: 'strong' | 'em' | 'del', text: string, names: Names): Html {
  return html`<${trusted(tag)}>${inline(text, names)}</${trusted(tag)}>`
}

function link(target: string, label: string | undefined): Html {
  const address = decode(target)
  return html`<a href="${safeUrl(address)}">${decode(label ?? address)}</a>`
}

/** `<@U1>`, `<#C1|name>`, `<!here>`, `<!date^…|fallback>`. */
function mention(text: string, names: Names): Html {
  const [id = '', label] = text.slice(1).split('|')
  const sign = text.startsWith('#') ? '#' : '@'
  if (text.startsWith('!date')) return html`${decode(label ?? '')}`
  return html`<span class="mention">${sign}${decode(label ?? names(id))}</span>`
}
