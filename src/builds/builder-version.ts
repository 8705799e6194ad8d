// The version of the builder this process has: what another version built counts as made of something else.
import program from '../../package.json' with { type: 'json' }

export const builderVersion: string = program.version
