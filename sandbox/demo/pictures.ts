// Takes the README's pictures from the running demo with Debian's Chromium, light and dark. `npm run pictures` writes them
// into docs/; nothing else needs a browser.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

export interface Picture {
  file: string
  url: string
  height: number
  dark?: boolean
}

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
]
const width = 1_000

export async function takePictures(folder: string, pictures: Picture[]): Promise<void> {
  const profile = await mkdtemp(path.join(os.tmpdir(), 'sluice-pictures-'))
  for (const { file, url, height, dark } of pictures) {
    await chromium([
      ...quiet,
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
      ...(dark ? ['--force-dark-mode', '--blink-settings=preferredColorScheme=0'] : []),
      `--screenshot=${path.resolve(folder, file)}`,
      url,
    ])
  }
  await rm(profile, { recursive: true, force: true })
}

function chromium(args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('chromium', args, { stdio: 'ignore' })
    child.on('error', () =>
      reject(new Error('Pictures need Chromium: apt-get install chromium fonts-noto-color-emoji')),
    )
    child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`chromium ended with ${code}`))))
  })
}
