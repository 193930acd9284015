import type { PropsWithChildren } from 'hono/jsx'
import { type Address, goTo, writeAddress } from './address.ts'

interface LinkProps {
  to: Address
  class?: string
  current?: boolean
  /** Called after the page went there. */
  onGo?: () => void
}

/** A link within the page. It is a real one: it can be opened in another tab, and copied. */
export function Link({ to, class: className, current, onGo, children }: PropsWithChildren<LinkProps>) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    goTo(to)
    onGo?.()
  }
  return (
    <a href={writeAddress(to)} class={className} aria-current={current ? 'true' : undefined} onClick={follow}>
      {children}
    </a>
  )
}
