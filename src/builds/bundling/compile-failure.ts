// What the bundler complains of, as a failure people can act on: each mistake with its file and line. Pure.
import type { Message } from 'esbuild'
import { type Annotation, annotate, type Failed, failed, maxAnnotations } from '../failure.ts'

const shownMessages = 10

/** `pathOf` turns the bundler's path into one relative to the repository. */
export function compileFailure(messages: Message[], pathOf: (file: string) => string): Failed {
  const shown = messages.slice(0, shownMessages).map(message => describe(message, pathOf))
  const more = messages.length - shown.length
  const text = [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')
  return failed(
    'compile_failed',
    text,
    messages.slice(0, maxAnnotations).flatMap(message => annotationOf(message, pathOf)),
  )
}

function describe(message: Message, pathOf: (file: string) => string): string {
  const { location } = message
  return location
    ? `${pathOf(location.file)}:${location.line}:${location.column + 1}: ${sentence(message)}`
    : sentence(message)
}

function sentence({ text }: Message): string {
  const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1]
  if (missing === undefined) return text
  return missing.startsWith('.')
    ? `There is no file "${missing}"`
    : `The package "${missing}" is not installed. Add it to package.json, run "npm install" and commit both files`
}

/** Only for files of the repository: nobody sees an annotation in a dependency. */
function annotationOf(message: Message, pathOf: (file: string) => string): Annotation[] {
  if (!message.location) return []
  const file = pathOf(message.location.file)
  const ours = !file.startsWith('..') && !file.split('/').includes('node_modules') && !file.includes(':')
  return ours ? [annotate(file, message.location.line, sentence(message))] : []
}
