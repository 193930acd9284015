import type { FoldIn, Item, ListedItem } from '../descriptions.ts'
import { type Address, goTo } from './address.ts'
import { counted, useAnnounced } from './announce.ts'
import { itemPath } from './ask.ts'
import { ItemList } from './item-list.tsx'
import { Answered, Panel } from './panel.tsx'
import { useAnswer } from './use-answer.ts'

/** Long enough for a second click, short enough to be called at once. */
const waitMs = 250

/** Items that somebody new might have, and the list that the model makes of them as they change. */
export function BasketPanel({ address, explain }: { address: Address; explain: boolean | undefined }) {
  const { basket } = address
  const body = { itemIds: basket, k: 10, ...(explain && { explain }) }
  const asked = useAnswer<FoldIn>(
    basket.length > 0 && explain !== undefined ? { path: '/v1/recommendations', body } : undefined,
    waitMs,
  )
  const { answer, loading } = asked
  useAnnounced(
    answer && !loading
      ? `${counted(answer.items.length, 'item')} for this basket, first ${nameOf(answer.items[0])}`
      : undefined,
  )
  return (
    <Panel id="basket" title="Basket" aside={<Clear address={address} />} busy={loading}>
      {basket.length === 0 ? (
        <p class="empty">
          Press + beside items, or add one by its id, to see what somebody who had them would get.
        </p>
      ) : (
        <ul class="basket">
          {basket.map((id) => (
            <BasketItem key={id} id={id} address={address} />
          ))}
        </ul>
      )}
      <AddItem address={address} />
      {basket.length > 0 && (
        <>
          <h3>What this basket gets</h3>
          <Answered asked={asked} lacks="lists for baskets: POST /v1/recommendations" lines={6}>
            {({ source, items }) => (
              <>
                {source === 'popular' && (
                  <p class="hint">This version makes no list of these items, so here are the popular ones.</p>
                )}
                <ItemList items={items} address={address} empty="Nothing is left to recommend." />
              </>
            )}
          </Answered>
        </>
      )}
    </Panel>
  )
}

const nameOf = (item: ListedItem | undefined) => item?.title ?? item?.id ?? 'none'

/** Titles do not stand in the address, so each is asked for; the browser keeps the answers. */
function BasketItem({ id, address }: { id: string; address: Address }) {
  const { answer, refusal } = useAnswer<Item>({ path: itemPath(id) })
  const title = answer?.title ?? id
  const remove = () => {
    goTo({ ...address, basket: address.basket.filter((other) => other !== id) })
    // The button that had the focus is gone.
    document.querySelector<HTMLElement>('#basket-title')?.focus()
  }
  return (
    <li>
      {title}
      {refusal?.code === 'unknown-item' && <span class="about"> (not in this version)</span>}
      <button type="button" aria-label={`Take ${title} out of the basket`} onClick={remove}>
        ×
      </button>
    </li>
  )
}

function AddItem({ address }: { address: Address }) {
  const add = (event: Event) => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const id = String(new FormData(form).get('item') ?? '')
    if (id !== '' && !address.basket.includes(id)) goTo({ ...address, basket: [...address.basket, id] })
    form.reset()
  }
  return (
    <form class="add" onSubmit={add}>
      <label for="add-item">Add an item by its id</label>
      <input
        id="add-item"
        name="item"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
      <button type="submit">Add</button>
    </form>
  )
}

function Clear({ address }: { address: Address }) {
  if (address.basket.length === 0) return null
  const clear = () => {
    goTo({ ...address, basket: [] })
    document.querySelector<HTMLElement>('#basket-title')?.focus()
  }
  return (
    <button type="button" class="quiet" onClick={clear}>
      Empty it
    </button>
  )
}
