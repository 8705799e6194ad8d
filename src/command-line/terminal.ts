// Where a command is read and written: colours and widths on a terminal alone, questions only to a person. What comes from a
// server is shown without what could move a cursor or turn text around.
import { styleText } from 'node:util'
import { AppError } from '../errors.ts'

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold'

export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Columns; null: it is no terminal, and nothing is cut. */
  width: number | null
  colour(colour: Colour, text: string): string
  /** Whether there is a person to ask. */
  canAsk: boolean
  ask(question: string): Promise<string>
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>
  /** All of standard input. @throws AppError `too_large`. */
  readInput(mostBytes: number): Promise<string>
}

export interface Input extends AsyncIterable<Buffer | string> {
  isTTY?: boolean
  setRawMode?(on: boolean): unknown
}

export interface Output {
  isTTY?: boolean
  columns?: number
  write(text: string, written?: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** Those of the process. */
export interface Streams {
  stdin: Input
  stdout: Output
  stderr: Output
}

export function createTerminal({ stdin, stdout, stderr }: Streams, env: NodeJS.ProcessEnv): Terminal {
  const isTerminal = stdout.isTTY === true
  const isColoured = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'
  // Whoever reads no more ("| head") wants no complaint.
  stdout.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    out: text => void stdout.write(text),
    err: text => void stderr.write(text),
    width: isTerminal ? stdout.columns || 80 : null,
    colour: (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text),
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    ask: question => askLine(stdin, stderr, question, true),
    askSecret: question => askLine(stdin, stderr, question, false),
    readInput: mostBytes => readAll(stdin, mostBytes),
  }
}

async function askLine(stdin: Input, stderr: Output, question: string, shown: boolean): Promise<string> {
  stderr.write(question)
  if (!shown) stdin.setRawMode?.(true)
  let line = ''
  try {
    for await (const chunk of stdin) {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n') return line
        if (character === '\u0003' || (character === '\u0004' && line === '')) throw cancelled()
        if (character === '\u007f' || character === '\b') line = line.slice(0, -1)
        else line += character
      }
    }
    return line
  } finally {
    if (!shown) {
      stdin.setRawMode?.(false)
      stderr.write('\n')
    }
  }
}

const cancelled = () => new AppError('malformed', 'Nothing was given.')

async function readAll(stdin: Input, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdin) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > mostBytes)
      throw new AppError('too_large', `Standard input is larger than ${mostBytes} bytes.`)
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}
