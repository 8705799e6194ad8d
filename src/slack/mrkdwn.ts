// Words of other people in Slack's mrkdwn, one function per place they can stand in. Pure. & < > are escaped, in that order:
// without < there is no mention, no broadcast and no link (RELIABILITY.md S67).
import { oneLine, printable } from '../builds/plain-text.ts'

export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Code within a sentence. mrkdwn cannot escape a backtick, so none is let through. */
export function code(text: string, maxLength = 150): string {
  return `\`${escapeMarkup(oneLine(text, maxLength).replaceAll('`', "'")) || ' '}\``
}

/** Running text. Formatting characters are separated from their words, so that they are shown and do nothing. */
export function prose(text: string, maxLength = 300): string {
  return escapeMarkup(oneLine(text, maxLength)).replace(/[*_~`]/g, '\u200b$&\u200b')
}

/** A block of code of at most `maxLength` characters, fences and escapes included. */
export function block(text: string, maxLength: number): string {
  const room = maxLength - 8
  let escaped = ''
  for (const character of printable(text).trim().replaceAll('`', "'")) {
    const next = escapeMarkup(character)
    if (escaped.length + next.length > room - 1) return `\`\`\`\n${escaped}…\n\`\`\``
    escaped += next
  }
  return `\`\`\`\n${escaped}\n\`\`\``
}
