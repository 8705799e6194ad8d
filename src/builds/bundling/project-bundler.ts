// The bundler as one project needs it: with its aliases, its framework's modules, its decorators, and the files that its code
// names by its own place.
import type { Plugin } from 'esbuild'
import { cleanEnvironment } from '../processes/machine.ts'
import type { Project } from '../steps/detect.ts'
import type { Tools } from '../tools.ts'
import { bundlerAliases, findAliases, projectAliases } from './aliases.ts'
import { type Bundled, runBundler } from './bundler.ts'
import { decoratorMetadata } from './decorated.ts'
import { createDecoratorCompiler } from './decorator-compiler.ts'
import { entries, entryPoint } from './entry.ts'
import { frameworkModules } from './framework-modules.ts'
import { suffixed } from './loaders.ts'
import { tolerateMissing } from './missing.ts'
import { entryOf } from './outputs.ts'
import type { OwnFiles } from './own-files.ts'
import { bundleSharing } from './sharing.ts'

/** What is found out about packages while they are bundled. */
export interface Found {
  /** Leaves out those that are shipped. */
  shipping: Plugin
  /** Names that packages ask for in vain. */
  missing: string[]
}

export interface ProjectBundler {
  aliases: Record<string, string>
  /** `packages` decides over imports that lead into packages; null: they are bundled with the rest. */
  bundle(found: Found, packages: Plugin | null): Promise<Bundled>
  /** For bundling what is no file of the project. */
  pluginsFor(found: Found): Plugin[]
  /** The files that were compiled before they were bundled. */
  compiled: ReadonlySet<string>
}

interface Place {
  source: string
  /** Where the dependencies lie, laid out as the repository is; null: there are none. */
  tree: string | null
  project: Project
  output: string
  ownFiles: OwnFiles
}

export async function createProjectBundler(place: Place, tools: Tools): Promise<ProjectBundler> {
  const { source, tree, project, output, ownFiles } = place
  const { files, folder, style } = project.functions
  const found = await findAliases(source, folder, tools.say)
  const aliases = found === null ? {} : bundlerAliases(found)
  const { node, isolation } = tools.machine
  const compiler = { node, leash: isolation.leash, env: cleanEnvironment(tools.machine, tools.workspace) }
  const compiled = new Set<string>()
  const common = [
    suffixed(source),
    ...(found === null ? [] : [projectAliases(source, found)]),
    frameworkModules(source),
  ]
  const pluginsFor = ({ shipping, missing }: Found) => [
    ...common,
    shipping,
    tolerateMissing(missing, tools.say),
  ]
  const bundle = async (some: string[], sharing: boolean, found: Found, packages: Plugin | null) => {
    const decorated = decoratorMetadata(source, tree, createDecoratorCompiler(compiler), ownFiles.rewrite)
    const plugins = [
      entries(source, style, sharing),
      ...common,
      ownFiles.plugin,
      found.shipping,
      tolerateMissing(found.missing, tools.say),
      ...(packages === null ? [] : [packages]),
      decorated.plugin,
    ]
    const entryPoints = some.map(file => entryPoint(file, entryOf(file)))
    const made = await runBundler({ source, output, entryPoints, sharing, plugins, aliases }, tools.signal)
    for (const file of decorated.compiled()) compiled.add(file)
    return {
      ...made,
      errors: decorated.inSources(made.errors),
      warnings: decorated.inSources(made.warnings),
    }
  }
  return {
    aliases,
    compiled,
    pluginsFor,
    bundle: (found, packages) =>
      bundleSharing(files, (some, sharing) => bundle(some, sharing, found, packages)),
  }
}
