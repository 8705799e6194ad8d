import { renderToStaticMarkup } from 'react-dom/server'
import plans from '@/lib/plans.json'

export interface Member {
  name: string
  email: string
  plan: string
}

function Welcome({ member }: { member: Member }) {
  const plan = plans.find(one => one.id === member.plan)
  return (
    <main>
      <h1>Hello {member.name}</h1>
      <p>Your plan is {plan?.title}.</p>
    </main>
  )
}

export function renderWelcome(member: Member): string {
  return renderToStaticMarkup(<Welcome member={member} />)
}
