import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

/** Waits until an element's text is the wanted one. */
export async function expectText(place: Locator, text: string | RegExp): Promise<void> {
  await expect
    .poll(() => place.first().textContent(), { timeout: 15_000 })
    .toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
}

export async function expectTexts(places: Locator, texts: string[]): Promise<void> {
  await expect.poll(() => places.allTextContents(), { timeout: 15_000 }).toEqual(texts)
}
