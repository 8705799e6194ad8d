#!/usr/bin/env node
// The entry point people call. Plain JavaScript, because an old Node must be able to read it: the product runs on
// Node 24, which `npm ci` puts into node_modules/.bin; started by an older one, we hand over to that.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const major = Number(process.versions.node.split('.')[0])
if (major >= 24) {
  await import('../src/main.ts')
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  if (!existsSync(node)) {
    console.error(
      `Sluice needs Node 24 or later; this is ${process.version}. Run "npm ci" (with install scripts on) in the checkout: it installs Node 24 beside the code, nothing on your system changes.`,
    )
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal)
    else process.exit(code ?? 1)
  })
}
