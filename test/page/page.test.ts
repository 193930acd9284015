import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeWith } from '../capabilities.ts'
import { expectText, expectTexts } from './expect-text.ts'
import { evilTitle, longId, oddUser, ServedShop, shownName } from './served-shop.ts'

describeWith('chromium', 'the page in a browser', () => {
  const shop = new ServedShop()

  test('a user is found, an item opened and a basket filled by the keyboard alone', async () => {
    const { page, complaints } = await shop.open('/')
    await page.locator('#popular .item').first().waitFor()
    const focused = () =>
      page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id)
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the lists')
    await tabTo(page, page.locator('#user'))
    await page.keyboard.type('user-3')
    await page.keyboard.press('Enter')
    await expectText(page.locator('#list h2'), 'Recommended for user-3')
    expect(new URL(page.url()).search).toBe('?user=user-3')
    await expectText(page.locator('#status'), '10 items recommended for user-3')

    const name = page.locator('#list .name').first()
    const title = await name.textContent()
    await tabTo(page, name)
    await page.keyboard.press('Enter')
    await expectText(page.locator('#item h2'), title ?? '')
    // Where one stood in the list is not lost.
    expect(await focused()).toBe(title)

    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await expectText(page.locator('#basket .basket li').first(), `${title}×`)
    expect(await page.locator('#list .put').first().getAttribute('aria-pressed')).toBe('true')
    expect(complaints).toEqual([])
  })

  test("a user's list and history are those of the API, in its order, and every score has its bar", async () => {
    const { page, complaints } = await shop.open('/?user=user-5')
    await page.locator('#list .item').nth(9).waitFor()
    const list = await shop.answer('/v1/users/user-5/recommendations?k=10')
    expect(await page.locator('#list .name').allTextContents()).toEqual(list.items.map(shownName))
    expect(await page.locator('#list .score > span:nth-child(2)').allTextContents()).toEqual(
      list.items.map(({ score = 0 }) => score.toFixed(3)),
    )
    const widths = await page
      .locator('#list .bar > span')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width))
    const top = list.items[0]?.score ?? 0
    list.items.forEach(({ score = 0 }, i) => {
      expect(widths[i]! / widths[0]!).toBeCloseTo(score / top, 1)
    })
    const history = await shop.answer('/v1/users/user-5/history')
    expect(history.items.length).toBeGreaterThan(2)
    await expectTexts(page.locator('#history .name'), history.items.map(shownName))
    expect(complaints).toEqual([])
  })

  test('a list shows more when it is asked to, up to its end', async () => {
    const { page } = await shop.open('/?user=user-5')
    for (const length of [10, 20, 30]) {
      await page
        .locator('#list .item')
        .nth(length - 1)
        .waitFor()
      expect(await page.locator('#list .item').count()).toBe(length)
      if (length < 30) await page.locator('#list .more').click()
    }
    expect(await page.locator('#list .more').count()).toBe(0)
  })

  test('the address says what is shown, and the back button goes back through it', async () => {
    const { page } = await shop.open('/')
    await page.locator('.examples a').first().click()
    const first = await page.locator('.examples a').first().textContent()
    await expectText(page.locator('#list h2'), `Recommended for ${first}`)
    await page.fill('#user', 'user-7')
    await page.keyboard.press('Enter')
    await expectText(page.locator('#list h2'), 'Recommended for user-7')
    await page.locator('#list .name').first().click()
    await page.locator('#item').waitFor()
    await page.goBack()
    await page.locator('#item').waitFor({ state: 'detached' })
    await page.goBack()
    await expectText(page.locator('#list h2'), `Recommended for ${first}`)
    expect(await page.inputValue('#user')).toBe(first)
    await page.goBack()
    await page.locator('.welcome').waitFor()
    await page.goForward()
    await expectText(page.locator('#list h2'), `Recommended for ${first}`)
  })

  test('ids of any letters are asked for as they are, and titles are text', async () => {
    const { page, complaints } = await shop.open(`/?item=${longId}`)
    await expectText(page.locator('#item h2'), evilTitle)
    await page.fill('#user', oddUser)
    await page.keyboard.press('Enter')
    await expectText(page.locator('#list h2'), `Recommended for ${oddUser}`)
    await page.locator('#list .score').first().waitFor()
    await page.reload()
    await expectText(page.locator('#list h2'), `Recommended for ${oddUser}`)
    await page.locator('#list .score').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('the version stands beside the one before it', async () => {
    const { page } = await shop.open('/')
    const rows = page.locator('#model tbody tr')
    await expectTexts(rows, ['NDCG@100.25000.2000+0.0500', 'F1@100.09000.1000−0.0100'])
    await expectText(page.locator('#model caption'), /beside 20260422T031500Z-aaaaaa$/)
    await expectText(page.locator('#model .code'), '20260423T031500Z-bbbbbb')
  })
})

/** Presses Tab until a place has the focus. */
async function tabTo(page: Page, place: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if (await place.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${place} cannot be reached by Tab`)
}
