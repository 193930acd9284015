import { useEffect, useState } from 'hono/jsx/dom'

/** What is looked at. All of it stands in the page's address, so that it can be sent on, and the back button works. */
export interface Address {
  user?: string | undefined
  item?: string | undefined
  /** Item ids, each once, in the order in which they were put in. */
  basket: string[]
}

function readAddress(search: string): Address {
  const given = new URLSearchParams(search)
  return {
    user: given.get('user') || undefined,
    item: given.get('item') || undefined,
    basket: [...new Set(given.getAll('basket').filter((id) => id !== ''))],
  }
}

export function writeAddress({ user, item, basket }: Address): string {
  const query = new URLSearchParams()
  if (user) query.set('user', user)
  if (item) query.set('item', item)
  for (const id of basket) query.append('basket', id)
  return query.size === 0 ? '/' : `/?${query}`
}

const changed = 'nightjar:address'

/** Goes to an address without loading the page anew. */
export function goTo(address: Address): void {
  const url = writeAddress(address)
  if (url === `${location.pathname}${location.search}`) return
  history.pushState(null, '', url)
  window.dispatchEvent(new Event(changed))
}

/** The address now, and again whenever it changes, by {@link goTo} or by the back button. */
export function useAddress(): Address {
  const [search, setSearch] = useState(location.search)
  useEffect(() => {
    const read = () => setSearch(location.search)
    for (const event of [changed, 'popstate']) window.addEventListener(event, read)
    return () => {
      for (const event of [changed, 'popstate']) window.removeEventListener(event, read)
    }
  }, [])
  return readAddress(search)
}
