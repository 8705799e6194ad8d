// Puts a page's content into the frame, for this visitor.
import type { Html } from '../../html.ts'
import { page, type Reply } from '../../http/reply.ts'
import { peopleOf } from '../accounts.ts'
import { layout } from './layout.ts'
import type { PageCall } from './visit.ts'

export function show(call: PageCall, title: string, content: Html): Reply {
  const people = peopleOf(call.world).map(account => account.login)
  return page(layout({ title, viewer: call.viewer, people, path: call.path + call.url.search }, content))
}
