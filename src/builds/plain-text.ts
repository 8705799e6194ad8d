// Text of other people (logs, messages, names) made fit to be shown anywhere: no terminal codes, no control characters, nothing
// that turns the direction of the text around it. Pure. What each place must escape besides is that place's own business.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Line ends become \n. */
export function printable(text: string): string {
  return text.replace(ansi, '').replace(/\r\n?/g, '\n').replace(unprintable, '').toWellFormed()
}

export function oneLine(text: string, maxLength: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim()
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).toWellFormed()}…`
}
