// Why a build under way is ended from outside. It is what the build's signal is aborted with; the first reason wins.
export type InterruptedBecause =
  /** Superseded or cancelled: nobody wants its result. */
  | 'unwanted'
  | 'out_of_time'
  /** This process stops; another one begins it again. */
  | 'stopping'

export class Interruption extends Error {
  readonly because: InterruptedBecause

  constructor(because: InterruptedBecause) {
    super(`the build was interrupted: ${because}`)
    this.name = 'Interruption'
    this.because = because
  }
}
