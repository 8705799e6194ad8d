// Run by the probe inside what is to be a sandbox: tries to get out of it and prints, as JSON, what it got. It leaves a process
// behind, in a session of its own, that holds the output open for as long as it lives.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [parent = '', outside = ''] = process.argv.slice(2)

function succeeds(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

const daemon = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'], {
  detached: true,
  stdio: ['ignore', 'inherit', 'ignore'],
})
daemon.unref()
const answer = {
  // A process of the sandbox may have the same number; its environment is not the parent's.
  environment: environmentOf(parent),
  wrote: succeeds(() => writeFileSync(`${outside}/written`, '')),
  wroteRoot: succeeds(() => writeFileSync('/written', '')),
  signalled: succeeds(() => process.kill(Number(parent), 0)) && environmentOf(parent) === '',
}
process.stdout.write(JSON.stringify(answer))
