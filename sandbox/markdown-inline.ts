// The inline part of the Markdown subset: code, links, emphasis and a few harmless tags. Whatever it does not know is
// shown as the text it is; no other tag, attribute or scheme gets through.
import { type Html, html, safeUrl, trusted } from './html.ts'

const patterns = [
  /(?<ticks>`+)(?<code>.+?)\k<ticks>(?!`)/,
  /!?\[(?<label>[^\]]*)\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)/,
  /<(?<autolink>https?:\/\/[^>\s]+)>/,
  /(?<bare>https?:\/\/[^\s<>()"']*[^\s<>()"'.,;:!?*_`])/,
  /\*\*(?<bold>.+?)\*\*/,
  /__(?<strong>.+?)__/,
  /\*(?<italic>[^\s*](?:[^*]*[^\s*])?)\*/,
  /(?<![\w])_(?<emphasis>[^\s_](?:[^_]*[^\s_])?)_(?![\w])/,
  /~~(?<struck>.+?)~~/,
  /<(?<tag>sub|sup|kbd|b|i|strong|em|code)>(?<inner>.*?)<\/\k<tag>>/,
  /<!--(?<comment>.*?)-->/,
  /(?<break><br\s*\/?>|\n)/,
  /\\(?<escaped>[\\`*_{}[\]()#+\-.!|<>~])/,
]
const anything = new RegExp(patterns.map(pattern => pattern.source).join('|'), 'gs')

export function renderInline(text: string): Html {
  const parts: Html[] = []
  let last = 0
  for (const match of text.matchAll(anything)) {
    parts.push(html`${text.slice(last, match.index)}`, renderMatch(match.groups ?? {}))
    last = match.index + match[0].length
  }
  return html`${parts}${text.slice(last)}`
}

type Groups = Record<string, string | undefined>

function renderMatch(found: Groups): Html {
  if (found.code !== undefined) return html`<code>${found.code.replace(/^ (.+) $/, '$1')}</code>`
  if (found.target !== undefined) return link(found.target, renderInline(found.label || found.target))
  const address = found.autolink ?? found.bare
  if (address !== undefined) return link(address, html`${address}`)
  if (found.comment !== undefined) return html``
  if (found.break !== undefined) return html`<br>`
  if (found.escaped !== undefined) return html`${found.escaped}`
  return renderEmphasis(found)
}

function renderEmphasis(found: Groups): Html {
  const bold = found.bold ?? found.strong
  if (bold !== undefined) return html`<strong>${renderInline(bold)}</strong>`
  const italic = found.italic ?? found.emphasis
  if (italic !== undefined) return html`<em>${renderInline(italic)}</em>`
  if (found.struck !== undefined) return html`<del>${renderInline(found.struck)}</del>`
  // The name comes from the pattern's own list.
  const tag = trusted(found.tag ?? 'span')
  return html`<${tag}>${renderInline(found.inner ?? '')}</${tag}>`
}

function link(target: string, content: Html): Html {
  const address = safeUrl(target)
  return address === '#' ? content : html`<a href="${address}" rel="nofollow noreferrer">${content}</a>`
}
