import { join } from 'node:path'
import { source } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeReport } from '../../job/report/write-report.ts'
import { describeWith } from '../capabilities.ts'
import { startBrowser, visit } from '../page/browser.ts'
import { nastyShop, reportedRun } from './reported-run.ts'

describeWith('chromium', 'the report of a run in a browser', () => {
  let browser: Browser
  let url: string
  beforeAll(async () => {
    const dataset = await nastyShop()
    const run = await reportedRun(dataset)
    await writeReport({ run, dataset, against: { run: await reportedRun(dataset), dataset } })
    url = `file://${join(run.store.uri, 'report.html')}`
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  test.each([
    [1400, 'light'],
    [1400, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ] as const)(
    '%i wide, %s: accessible, not too wide, every colour there, nothing asked for',
    async (width, colorScheme) => {
      const { page, complaints } = await visit(browser, url, {
        viewport: { width, height: 900 },
        colorScheme,
      })
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      const unseen = await page.evaluate(
        () =>
          Array.from(document.querySelectorAll('svg [stroke^="var"], svg [fill^="var"]')).filter((mark) => {
            const { fill, stroke } = getComputedStyle(mark)
            return ![fill, stroke].some((colour) => colour.startsWith('rgb') && colour !== 'rgb(0, 0, 0)')
          }).length,
      )
      expect(unseen).toBe(0)
      await page.evaluate(source)
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
        }
        const found = await axe.run()
        return found.violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
        )
      })
      expect(violations).toEqual([])
      expect(complaints).toEqual([])
    },
  )
})
