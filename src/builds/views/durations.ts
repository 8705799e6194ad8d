// How long the functions that a pull request changes take in its preview, beside the environment its base branch is in.
export interface Timing {
  runs: number
  meanMs: number
  p95Ms: number
}

export interface Durations {
  /** The name of the environment compared with. */
  base: string
  /** Only functions that both have with different code, and that the preview has run. */
  functions: { name: string; own: Timing; base: Timing | null }[]
}
