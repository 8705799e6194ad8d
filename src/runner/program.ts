// inside/ as one plain JavaScript file: stripping types at every start would cost each child two thirds of its start-up time
// (156 ms against 62 measured). CommonJS, because Node's loader of modules costs another part. Made once a process, named by its
// content, so that versions of Sluice can share the folder.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** What Node is started with, before the program and the file to load. */
export function nodeArguments(heapMb: number): string[] {
  return [`--max-old-space-size=${heapMb}`]
}

/** The program's file. Without the asynchronous esbuild, whose service process would stay. */
export function writeProgram(folder: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./inside/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
  })
  const text = outputFiles[0]?.text ?? ''
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const file = path.join(folder, `child-${digest}.cjs`)
  const aside = `${file}.${randomUUID()}.tmp`
  mkdirSync(folder, { recursive: true })
  writeFileSync(aside, text)
  renameSync(aside, file)
  return file
}
