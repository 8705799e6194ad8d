// Output as text that can be stored and shown anywhere: PostgreSQL keeps no NUL, JSON in it no half of a surrogate pair, and no
// reader wants what moves a terminal's cursor, sets its title or makes a link of it. Tabs and ends of lines stay. Pure.

// An escape sequence that has a text of its own (OSC, DCS and their like), one of parameters (CSI), or a short one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const sequences = /\u001b(?:[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\[[0-?]*[ -/]*[@-~]?|[ -/]*[0-~]?)/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const any = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

export function printable(text: string): string {
  const clean = any.test(text) ? text.replace(sequences, '').replace(controls, '') : text
  return clean.toWellFormed()
}
