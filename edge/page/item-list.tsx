import type { ListedItem } from '../descriptions.ts'
import { type Address, goTo } from './address.ts'
import { announce } from './announce.ts'
import { Link } from './link.tsx'

interface ItemListProps {
  items: readonly ListedItem[]
  address: Address
  /** What is said where there are none. */
  empty: string
}

/** A list of items: each opens its panel, and goes into the basket. */
export function ItemList({ items, address, empty }: ItemListProps) {
  if (items.length === 0) return <p class="empty">{empty}</p>
  const scores = items.flatMap(({ score }) => (score === undefined ? [] : [score]))
  const top = Math.max(...scores)
  // Bars begin at zero, so that their lengths can be compared; only below it they begin at the lowest.
  const floor = Math.min(0, ...scores)
  return (
    <ol class="items">
      {items.map((item) => (
        <li key={item.id} class={item.id === address.item ? 'item chosen' : 'item'}>
          <Item item={item} address={address} />
          {item.score !== undefined && (
            <Score score={item.score} share={top > floor ? (item.score - floor) / (top - floor) : 0} />
          )}
          <BasketButton item={item} address={address} />
        </li>
      ))}
    </ol>
  )
}

function Item({ item, address }: { item: ListedItem; address: Address }) {
  const { id, title, category, because = [] } = item
  return (
    <div class="what">
      <Link
        to={{ ...address, item: id }}
        class="name"
        current={id === address.item}
        onGo={showOnSmallScreens}
      >
        {title ?? id}
      </Link>
      <span class="about">
        {[category, title === undefined ? undefined : id].filter(Boolean).join(' · ')}
      </span>
      {because.length > 0 && (
        <span class="about">
          because of{' '}
          {because
            .map(({ id, title, share }) => `${title ?? id} (${Math.round(share * 100)}\u00a0%)`)
            .join(', ')}
        </span>
      )}
    </div>
  )
}

/** On a small screen the item's panel is out of sight, so the page goes there. */
function showOnSmallScreens() {
  if (!matchMedia('(max-width: 60rem)').matches) return
  // The panel may be drawn only after this.
  setTimeout(() => {
    const heading = document.querySelector<HTMLElement>('#item-title')
    heading?.focus({ preventScroll: true })
    heading?.scrollIntoView({ block: 'start' })
  })
}

function Score({ score, share }: { score: number; share: number }) {
  return (
    <span class="score">
      <span class="unseen">score </span>
      <span>{score.toFixed(3)}</span>
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${(share * 100).toFixed(1)}%` }} />
      </span>
    </span>
  )
}

function BasketButton({ item: { id, title = id }, address }: { item: ListedItem; address: Address }) {
  const { basket } = address
  const isIn = basket.includes(id)
  const toggle = () => {
    goTo({ ...address, basket: isIn ? basket.filter((other) => other !== id) : [...basket, id] })
    announce(isIn ? `${title} is out of the basket` : `${title} is in the basket`)
  }
  return (
    <button
      type="button"
      class="put"
      aria-pressed={isIn ? 'true' : 'false'}
      aria-label={`In the basket: ${title}`}
      title={isIn ? 'Take out of the basket' : 'Put into the basket'}
      onClick={toggle}
    >
      {isIn ? '✓' : '+'}
    </button>
  )
}
