import { useEffect } from 'hono/jsx/dom'

/**
 * Says something to who cannot see the lists change. One line for the whole page, in a place that is there from the
 * beginning: a screen reader would read whole lists, or nothing, if the lists themselves were live.
 */
export function announce(text: string): void {
  const place = document.querySelector('#status')
  if (place !== null) place.textContent = text
}

/** Announces a text whenever it becomes another one; undefined says nothing. */
export function useAnnounced(text: string | undefined): void {
  useEffect(() => {
    if (text !== undefined) announce(text)
  }, [text])
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}
