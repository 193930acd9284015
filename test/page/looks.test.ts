import { source } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeWith } from '../capabilities.ts'
import { longId, ServedShop } from './served-shop.ts'

describeWith('chromium', 'how the page looks', () => {
  const shop = new ServedShop()

  test('nothing moves for who has asked for less motion', async () => {
    const durationOf = async (reducedMotion: 'reduce' | 'no-preference') => {
      const { page } = await shop.open('/?user=user-5', { reducedMotion })
      const bar = page.locator('#list .bar > span').first()
      return bar.evaluate((element) => getComputedStyle(element).transitionDuration)
    }
    expect([await durationOf('reduce'), await durationOf('no-preference')]).toEqual(['0s', '0.3s'])
  })

  const everything = `/?user=user-5&item=${longId}&basket=item-1&basket=nothing`
  const looks = [
    ['desktop', 'light', 'empty', '/'],
    ['desktop', 'light', 'full', everything],
    ['desktop', 'dark', 'full', everything],
    ['phone', 'light', 'full', everything],
    ['phone', 'dark', 'unknown', '/?user=nobody'],
  ] as const

  test.each(looks)(
    'on a %s, %s, %s: accessible, and not too wide',
    async (device, colorScheme, what, path) => {
      const viewport = device === 'phone' ? { width: 360, height: 740 } : { width: 1400, height: 900 }
      const { page, complaints } = await shop.open(path, { viewport, colorScheme })
      await page.locator('#popular .item').nth(9).waitFor()
      await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const brightness = Math.max(...(ground.match(/\d+/g) ?? []).map(Number))
      expect(brightness < 64).toBe(colorScheme === 'dark')
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      expect(await violations(page)).toEqual([])
      expect(complaints).toEqual([])
      await page.screenshot({ path: `work/page/${device}-${colorScheme}-${what}.png`, fullPage: true })
    },
  )
})

/** What axe finds against WCAG 2.2 AA and its own best practices. */
async function violations(page: Page): Promise<string[]> {
  // As a command of the debugger: the page's policy lets no script in.
  await page.evaluate(source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const found = await axe.run()
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
    )
  })
}
