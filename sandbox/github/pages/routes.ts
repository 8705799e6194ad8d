// The table of pages.
import { Routes } from '../../http/routes.ts'
import type { World } from '../world.ts'

export type Visit = { world: World }
export type PageRoutes = Routes<Visit>

export function pageRoutes(): PageRoutes {
  return new Routes<Visit>()
}
