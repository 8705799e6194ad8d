// What decides besides content what a build makes of a commit: how the environment is built, and what builds it. Pure.
import type { BuildSettings } from '../../environments/repository-file.ts'
import { builderVersion } from '../builder-version.ts'
import type { Basis } from './scope.ts'

export interface Deciders {
  root: string
  watch: string[]
  build: BuildSettings
  /** Stands for the variables that builds of the environment get: another one when any of them was changed. */
  variables: string
}

export function basisOf({ root, watch, build, variables }: Deciders): Basis {
  const machine = `${process.platform}-${process.arch}`
  return { root, watch, build, variables, node: process.version, machine, builder: builderVersion }
}
