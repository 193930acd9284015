import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLocalServer } from '../../job/serve/local-server.ts'
import { describeWith } from '../capabilities.ts'
import { expectText, expectTexts } from './expect-text.ts'
import { publishShop, ServedShop, shownName } from './served-shop.ts'

describeWith('chromium', 'what the page says when something is missing', () => {
  const shop = new ServedShop()

  test('an unknown user gets the popular items, and is told so', async () => {
    const { page } = await shop.open('/?user=nobody')
    await expectText(page.locator('#list .hint'), /^This version does not know nobody/)
    const { items } = await shop.answer('/v1/popular?k=10')
    await expectTexts(page.locator('#list .name'), items.map(shownName))
    await expectText(page.locator('#history .notice-title'), 'Unknown user')
    await expectText(page.locator('#history .notice'), /the version has no user of this id/)
  })

  test('an unknown item is told, and nothing similar is looked for', async () => {
    const { page } = await shop.open('/?item=nothing')
    await expectText(page.locator('#item .notice-title'), 'Unknown item')
    expect(await page.locator('#item h3').count()).toBe(0)
  })

  test('a worker out of reach is said to be, and asked again', async () => {
    const { page } = await shop.open('/')
    await page.locator('#popular .item').first().waitFor()
    await page.context().setOffline(true)
    await page.fill('#user', 'user-5')
    await page.keyboard.press('Enter')
    await expectText(page.locator('#list .notice-title'), 'No answer')
    await expectText(page.locator('#list .notice'), /the worker could not be reached/)
    await page.context().setOffline(false)
    await page.locator('#list').getByRole('button', { name: 'Try again' }).click()
    await page.locator('#list .score').first().waitFor()
  })

  test('a request that is lost is sent again', async () => {
    const { page } = await shop.open('/')
    let asked = 0
    await page.route('**/v1/users/user-5/recommendations*', (route) =>
      ++asked === 1 ? undefined : route.continue(),
    )
    await page.fill('#user', 'user-5')
    await page.keyboard.press('Enter')
    await page.locator('#list .score').first().waitFor()
    expect(asked).toBe(2)
  })

  test('a worker without any lists tells how to publish some', async () => {
    const empty = await startLocalServer({ port: 0, state: join(shop.folder, 'empty') })
    try {
      const { page, complaints } = await shop.open(`${empty.url}/?user=ann`)
      for (const part of ['list', 'history', 'popular', 'model']) {
        await expectText(page.locator(`#${part} .notice-title`), 'Nothing published')
        await expectText(page.locator(`#${part} .next`), /npx nightjar publish RUN --to local$/)
      }
      expect(complaints).toEqual([])
    } finally {
      await empty.close()
    }
  })

  test('a version without histories says so, and has its lists', async () => {
    const state = join(shop.folder, 'without')
    await publishShop(state, '20260423T031500Z-cccccc', {}, false)
    const without = await startLocalServer({ port: 0, state })
    try {
      const { page } = await shop.open(`${without.url}/?user=user-5`)
      await page.locator('#list .score').first().waitFor()
      await expectText(page.locator('#history .notice'), /this version was published without histories/)
      await expectText(page.locator('#model .hint'), /^Published without histories/)
      await expectText(page.locator('#model .empty'), 'It was trained without rows to measure it on.')
    } finally {
      await without.close()
    }
  })
})
