import { useState } from 'hono/jsx/dom'
import type { History, Recommendations } from '../descriptions.ts'
import type { Address } from './address.ts'
import { counted, useAnnounced } from './announce.ts'
import { userPath } from './ask.ts'
import { ItemList } from './item-list.tsx'
import { Answered, Panel } from './panel.tsx'
import { useAnswer } from './use-answer.ts'

const step = 10

interface UserProps {
  user: string
  address: Address
  /** The longest list that the version answers. */
  most: number
  /** Undefined: not known yet. */
  explain: boolean | undefined
}

/** What a user had and what the user gets, side by side. */
export function UserPanels({ user, address, most, explain }: UserProps) {
  return (
    <>
      <ListPanel user={user} address={address} most={most} explain={explain} />
      <HistoryPanel user={user} address={address} />
    </>
  )
}

function ListPanel({ user, address, most, explain }: UserProps) {
  const [k, setK] = useState(step)
  const length = Math.min(k, most)
  const asked = useAnswer<Recommendations>(
    explain === undefined
      ? undefined
      : { path: userPath(user, `recommendations?k=${length}${explain ? '&explain=true' : ''}`) },
  )
  const { answer, loading } = asked
  useAnnounced(
    answer && !loading ? `${counted(answer.items.length, 'item')} recommended for ${user}` : undefined,
  )
  return (
    <Panel id="list" title={<>Recommended for {user}</>} busy={loading}>
      <Answered asked={asked} lines={10}>
        {({ source, items }) => (
          <>
            {source === 'popular' && (
              <p class="hint">This version does not know {user}. These are the items that most users have.</p>
            )}
            <ItemList
              items={items}
              address={address}
              empty="The list is empty: everything on it is hidden."
            />
            {items.length === length && length < most && (
              <button type="button" class="more" onClick={() => setK(length + step)}>
                Show more
              </button>
            )}
          </>
        )}
      </Answered>
    </Panel>
  )
}

function HistoryPanel({ user, address }: Pick<UserProps, 'user' | 'address'>) {
  const [shown, setShown] = useState(step)
  const asked = useAnswer<History>({ path: userPath(user, 'history') })
  const aside = asked.answer && <span class="count">newest first</span>
  return (
    <Panel id="history" title="History" aside={aside} busy={asked.loading}>
      <Answered asked={asked} lacks="histories: GET /v1/users/{id}/history" lines={10}>
        {({ items }) => (
          <>
            <ItemList
              items={items.slice(0, shown)}
              address={address}
              empty="Nothing that may be shown is in this history."
            />
            {items.length > shown && (
              <button type="button" class="more" onClick={() => setShown(items.length)}>
                Show all {items.length}
              </button>
            )}
          </>
        )}
      </Answered>
    </Panel>
  )
}
