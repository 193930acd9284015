import { expect, test } from 'vitest'
import { describeWith } from '../capabilities.ts'
import { expectText, expectTexts } from './expect-text.ts'
import { type Answer, ServedShop, shownName } from './served-shop.ts'

describeWith('chromium', 'items and the basket in a browser', () => {
  const shop = new ServedShop()

  test('what is similar to an item is what the worker answers', async () => {
    const { page } = await shop.open('/?item=item-1')
    const { items } = await shop.answer('/v1/items/item-1/similar?k=10')
    expect(items.length).toBeGreaterThan(0)
    await expectTexts(page.locator('#item .name'), items.map(shownName))
  })

  test('similar items are listed with their scores, and opened one from the other', async () => {
    const { page } = await shop.open('/')
    await page.route('**/v1/items/*/similar?*', (route) => {
      const [, id = ''] = /items\/([^/]+)\//.exec(route.request().url()) ?? []
      const items = [{ id: 'item-7', title: 'Title 7', score: 0.5 }]
      return route.fulfill({ json: { versionId: 'v', id, items: id === 'item-1' ? items : [] } })
    })
    await page.goto(shop.url('/?item=item-1'))
    await page.locator('#item .name').click()
    await expectText(page.locator('#item h2'), 'Title 7')
    await expectText(page.locator('#item .empty'), 'This version holds no similar items for it.')
  })

  test("a basket's list is what the worker answers, and says why", async () => {
    const { page } = await shop.open('/?basket=item-1&basket=item-2')
    const body = JSON.stringify({ itemIds: ['item-1', 'item-2'], k: 10 })
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(shop.url('/v1/recommendations'), { method: 'POST', headers, body })
    const { source, items } = (await response.json()) as Answer & { source: string }
    expect(source).toBe('fold-in')
    await expectTexts(page.locator('#basket .name'), items.map(shownName))
    expect(await page.locator('#basket .what').first().textContent()).toContain(
      'because of Title 1 (50\u00a0%)',
    )
  })

  test('a basket is filled and emptied, and its list follows what is in it', async () => {
    const { page, complaints } = await shop.open('/')
    // Recommends one item for each of the basket, and says what for.
    await page.route('**/v1/recommendations', (route) => {
      const { itemIds } = route.request().postDataJSON() as { itemIds: string[] }
      const items = itemIds.map((id, i) => ({
        id: `for-${id}`,
        title: `For ${id}`,
        score: 1 - i / 10,
        because: [{ id, title: `The title of ${id}`, share: 0.5 }],
      }))
      return route.fulfill({ json: { versionId: 'v', source: 'fold-in', recommendationId: 'r', items } })
    })
    const names = page.locator('#basket .name')
    const put = page.locator('#popular .put')
    const ids = (await shop.answer('/v1/popular?k=3')).items.map(({ id }) => id)
    for (const n of [0, 1, 2]) await put.nth(n).click()
    await expectTexts(
      names,
      ids.map((id) => `For ${id}`),
    )
    expect(await page.locator('#basket .what').first().textContent()).toContain(
      `because of The title of ${ids[0]} (50\u00a0%)`,
    )
    await expectText(page.locator('#status'), `3 items for this basket, first For ${ids[0]}`)
    expect(new URL(page.url()).searchParams.getAll('basket')).toEqual(ids)

    await page.locator('#basket .basket button').first().click()
    await expectTexts(
      names,
      ids.slice(1).map((id) => `For ${id}`),
    )
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('basket-title')

    await page.fill('#add-item', 'no such item')
    await page.keyboard.press('Enter')
    await expectTexts(
      names,
      [...ids.slice(1), 'no such item'].map((id) => `For ${id}`),
    )
    await expectText(page.locator('#basket .basket .about'), ' (not in this version)')

    await page.goBack()
    await expectTexts(
      names,
      ids.slice(1).map((id) => `For ${id}`),
    )
    await page.getByRole('button', { name: 'Empty it' }).click()
    await expectText(page.locator('#basket .empty'), /^Press \+ beside items/)
    expect(new URL(page.url()).search).toBe('')
    expect(complaints).toEqual([])
  })
})
