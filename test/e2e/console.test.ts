// The console in a browser, over a whole Sluice and the local GitHub: what somebody does there on a day when something goes wrong. Of each
// page pictures are left behind, and axe finds nothing serious on any.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, launch, seriousFaults, takePictures } from '../support/browser.ts'
import { createWorld, type World, writeProject } from '../support/world.ts'

const receipt = (words: string) => ({
  'send-receipt.ts': `
interface Order { id: string, cents: number }

export default defer(async function sendReceipt(order: Order) {
  console.log('sending the receipt of', order.id)
  if (order.cents < 0) {
    throw new RangeError(\`order \${order.id} costs less than nothing\`)
  }
  return \`${words} \${order.id}\`
})`,
  'nightly-report.ts': `export default defer.cron(async function nightlyReport() { return 'ok' }, '0 3 * * *')`,
  'import-products.ts': `export default defer(async function importProducts(names: string[]) { return names.length }, { concurrency: 2 })`,
})
const home = '/console/acme/shop/production'

describe.skipIf(!hasChromium)('the console in a browser', () => {
  let world: World
  let browser: Browser
  let page: Page
  const faults: string[] = []

  beforeAll(async () => {
    world = await createWorld()
    browser = await launch()
    page = await browser.newPage({ baseURL: world.sluice().url })
    page.on('pageerror', error => faults.push(`script: ${error.message}`))
    page.on('console', message => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text())
    })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.close()
  })

  async function seen(name: string): Promise<void> {
    await takePictures(page, name)
    faults.push(...(await seriousFaults(page)).map(fault => `${name}: ${fault}`))
  }
  const push = async (message: string, words: string) => {
    await writeProject(world, receipt(words))
    const sha = await world.shop.commit(message, {})
    await world.shop.push('origin', 'HEAD')
    return sha
  }
  const press = (name: string) => page.locator('main').getByRole('button', { name, exact: true }).click()
  const run = async (order: object) => {
    await page.goto(`${home}/functions/sendReceipt`)
    await page.getByRole('link', { name: 'Run now' }).click()
    await page.getByLabel('Arguments').fill(JSON.stringify([order]))
    await press('Run now')
    const id = await page.locator('.said code').first().textContent()
    await page.goto(`${home}/executions/${id}`)
  }

  test('one signs in through GitHub, and is where one wanted to go', async () => {
    await page.goto('/console/acme/shop')
    await seen('sign-in')
    await page.getByRole('link', { name: 'Continue with GitHub' }).click()
    await page.locator('button[value="alice"]').click()
    await page.waitForURL('**/console/acme/shop')
    await page.getByText('No environment is open').waitFor()
    await seen('empty-repository')
  })

  test('a push is seen to open an environment, and its build as it goes on, without a reload', async () => {
    const sha = await push('Sell things', 'Receipt for')
    await page.getByRole('link', { name: 'production', exact: true }).waitFor({ timeout: 60_000 })
    await page.goto(`${home}/builds/1`)
    await page.locator('#stages').getByText('publishing').waitFor({ timeout: 120_000 })
    await page.locator('#head').getByText('live', { exact: true }).waitFor({ timeout: 60_000 })
    await world.hub.check(sha, 'production')
    expect(await page.locator('.log').textContent()).toContain('npm')
    await seen('build')
  })

  test('a function is run, fails, and its stack says where in the source', async () => {
    await run({ id: 'A-1', cents: 1999 })
    await page.locator('#outcome').getByText('Receipt for A-1').waitFor()
    await page.locator('#log').getByText('sending the receipt of A-1').waitFor()
    await run({ id: 'A-2', cents: -5 })
    const outcome = page.locator('#outcome')
    await outcome.getByText('order A-2 costs less than nothing').waitFor()
    expect(await outcome.textContent()).toMatch(/RangeError[\s\S]*defer\/send-receipt\.ts:8/)
    await page.locator('#log').getByText('sending the receipt of A-2').waitFor()
    await seen('execution')
    await page.goto(`${home}/executions?state=failed`)
    await page.getByRole('link', { name: 'sendReceipt' }).waitFor()
    await seen('executions')
    await page.getByRole('link', { name: 'Rerun all of these' }).click()
    await page.getByRole('heading', { name: 'Rerun 1 execution in production?' }).waitFor()
    await seen('bulk')
  })

  test('the newer version is rolled back, which pins the environment', async () => {
    const sha = await push('Thank people', 'Thank you for')
    await world.hub.check(sha, 'production')
    await run({ id: 'B-1', cents: 5 })
    await page.locator('#outcome').getByText('Thank you for B-1').waitFor()
    await page.goto(`${home}/functions/sendReceipt`)
    await seen('function')
    await page.locator('#head').getByRole('link', { name: 'Roll back' }).click()
    await page.getByLabel('Reason').fill('people complain')
    await seen('question')
    await press('Roll back')
    await page.locator('.said').getByText('again').waitFor()
    await run({ id: 'B-2', cents: 5 })
    await page.locator('#outcome').getByText('Receipt for B-2').waitFor()
  })

  test('another is paused with a reason, and a deletion is taken back', async () => {
    await page.goto(home)
    await page.getByRole('link', { name: 'Pause importProducts' }).click()
    await page.getByLabel('Reason').fill('the catalogue is down')
    await page.getByLabel('For (optional)').fill('2h')
    await press('Pause')
    await page.getByText('the catalogue is down').first().waitFor()
    await page.goto(`${home}/functions/nightlyReport`)
    await page.locator('#head').getByRole('link', { name: 'Delete' }).click()
    await page.getByLabel('Type its name to confirm').fill('nightlyReport')
    await press('Delete')
    await page.goto(home)
    await seen('functions')
    await page.goto(`${home}/deletions`)
    await seen('deletions')
    await page.getByRole('link', { name: 'Cancel the deletion of nightlyReport' }).click()
    await press('Cancel the deletion')
    await page.getByText('Nothing is going to be deleted').waitFor()
    await page.goto(`${home}/activity`)
    await page
      .getByRole('row', { name: /alice.*took back the deletion of.*nightlyReport.*console/ })
      .waitFor()
    await seen('activity')
    await page.goto(`${home}/builds`)
    await seen('builds')
    await page.goto('/console')
    await seen('repositories')
  })

  test('axe finds nothing serious on any of these pages, in light and in dark; no script failed, none was refused', () => {
    expect(faults).toEqual([])
  })
})
