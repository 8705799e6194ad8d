// How many columns a text takes on a terminal: two for what East Asia writes wide and for pictures, none for what only changes the
// character before it. Near enough: terminals differ among themselves. Pure.

const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const picture = /^\p{Emoji_Presentation}|^\p{Extended_Pictographic}\ufe0f/u
const nothing = /^\p{Mn}|^\p{Me}|^\p{Cf}/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const plain = /^[\x20-\x7e]*$/

export function widthOf(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += widthOfOne(segment)
  return width
}

function widthOfOne(grapheme: string): number {
  if (wide.test(grapheme) || picture.test(grapheme)) return 2
  return nothing.test(grapheme) ? 0 : 1
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** At most so wide, with … at its end where something was cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += widthOfOne(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
