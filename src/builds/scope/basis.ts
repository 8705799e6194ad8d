// What decides besides content what a build makes of a commit: how the environment is built, and what builds it. Pure.
import type { BuildSettings } from '../../environments/repository-file.ts'
import type { Basis } from './scope.ts'

export interface Deciders {
  root: string
  watch: string[]
  build: BuildSettings
  /** Stands for the variables that builds of the environment get: another one when any of them was changed. */
  variables: string
  /** The version of the builder that makes it. */
  builder: string
}

export function basisOf({ root, watch, build, variables, builder }: Deciders): Basis {
  const machine = `${process.platform}-${process.arch}`
  return { root, watch, build, variables, node: process.version, machine, builder }
}
