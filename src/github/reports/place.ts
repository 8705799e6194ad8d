// Where on GitHub a report is written, and whether the App may still write there.
import { AppError } from '../../errors.ts'

export interface Place {
  installationId: number
  owner: string
  name: string
  reachable: boolean
}

/** The part every call takes. @throws AppError `forbidden` when the App is suspended or gone: no call is worth trying. */
export function placeOf({ owner, name, reachable }: Place): { owner: string; repo: string } {
  if (reachable) return { owner, repo: name }
  throw new AppError(
    'forbidden',
    `The App is suspended on ${owner}/${name}, or was removed from it; unsuspend or install it again.`,
  )
}
