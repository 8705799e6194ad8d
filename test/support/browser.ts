// Debian's Chromium, driven over its own protocol: pages in light, dark and at a phone's width, pictures of them for a person to look
// at, and what axe has to say. Where there is no Chromium the tests that need one are left out; .ci/run installs it.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { checkout } from '../../sandbox/demo/server.ts'

const program = '/usr/bin/chromium'
export const hasChromium = existsSync(program)

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: quiet })
}

export const pictures = path.join(checkout, '.pictures')

const looks = [
  { name: 'light', colorScheme: 'light', width: 1280 },
  { name: 'dark', colorScheme: 'dark', width: 1280 },
  { name: 'phone', colorScheme: 'light', width: 390 },
] as const

/** Of the page as it is now, in every look. */
export async function takePictures(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look.colorScheme })
    await page.setViewportSize({ width: look.width, height: 800 })
    await page.screenshot({ path: path.join(pictures, `console-${name}-${look.name}.png`), fullPage: true })
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1280, height: 800 })
}

interface Violation {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** What axe finds serious or worse, in light and in dark. */
export async function seriousFaults(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.evaluate(axe)
    const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] }
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    found.push(...serious.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html.slice(0, 200)}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}
