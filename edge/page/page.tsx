import { useEffect } from 'hono/jsx/dom'
import type { VersionsInUse } from '../descriptions.ts'
import { useAddress } from './address.ts'
import { BasketPanel } from './basket-panel.tsx'
import { ItemPanel } from './item-panel.tsx'
import { ModelCard } from './model-card.tsx'
import { PopularPanel } from './popular-panel.tsx'
import { useAnswer } from './use-answer.ts'
import { UserPanels } from './user-panels.tsx'

/** The longest list that a worker answers, whatever its version holds. */
const lengthMax = 100

/** What is looked at, on the left; what one plays with, on the right. */
export function Page() {
  const address = useAddress()
  const { user, item, basket } = address
  const versions = useAnswer<VersionsInUse>({ path: '/v1/versions' })
  useEffect(() => {
    document.title = user === undefined ? 'nightjar' : `${user} · nightjar`
  }, [user])
  const most = Math.min(lengthMax, versions.answer?.current.k ?? 10)
  // Only a version with a fold-in component can explain; whether it has one is known with its description.
  const explain = versions.loading ? undefined : 'foldIn' in (versions.answer?.current ?? {})
  return (
    <div class="page">
      <div class="lists">
        <h1 class="unseen">Recommendations</h1>
        {user === undefined ? (
          <Welcome />
        ) : (
          <UserPanels key={user} user={user} address={address} most={most} explain={explain} />
        )}
        <PopularPanel address={address} />
        <ModelCard asked={versions} />
      </div>
      <div class="side">
        {item !== undefined && <ItemPanel item={item} address={address} />}
        <BasketPanel address={address} explain={explain} />
      </div>
      {basket.length > 0 && (
        <a class="to-basket" href="#basket">
          Basket: {basket.length}
        </a>
      )}
    </div>
  )
}

function Welcome() {
  return (
    <div class="welcome">
      <p>
        <strong>Whose list?</strong> Type a user's id above, or take one of the examples. What was recommended
        will stand here, beside what the user had. Or put items into the basket, and see what somebody new
        would get.
      </p>
    </div>
  )
}
