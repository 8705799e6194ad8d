// The programs that put up the walls are started with the environment of the command behind them: without what would make
// them load code of the command's. Pure.
const loaders = /^(?:LD_|DYLD_|GLIBC_|BASH_|ENV$|SHELLOPTS$)/

export function harmless(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !loaders.test(name)))
}
