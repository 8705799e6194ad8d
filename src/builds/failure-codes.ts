// Every reason a build can fail for: the stage it shows in, what it means, and what to do. Reports add the last to what the
// failure itself says; docs/build-failures.md is made of this table ("npm run generate:docs"), and a test compares them. Pure.
import type { Stage } from './states.ts'

interface Meaning {
  /** Null: it may show in any. */
  stage: Stage | null
  means: string
  remedy: string
}

const codes = {
  commit_unreadable: {
    stage: 'fetching',
    means: 'The commit cannot be read from GitHub.',
    remedy: 'Check that it still exists and that the App may read the repository.',
  },
  archive_refused: {
    stage: 'fetching',
    means: 'The commit holds what is not unpacked: too much, or paths and links that lead out of it.',
    remedy: 'Take what is named out of the repository.',
  },
  lfs_pointer: {
    stage: 'fetching',
    means: 'A file the build needs is only a pointer of Git LFS.',
    remedy: 'Commit the file itself, or load it when the function runs.',
  },
  submodule_refused: {
    stage: 'fetching',
    means: 'A submodule is one that is not fetched: of another host, or not as git writes it.',
    remedy: 'Correct .gitmodules, or commit the files.',
  },
  submodule_unreadable: {
    stage: 'fetching',
    means: 'A submodule’s commit cannot be read.',
    remedy: 'Push that commit, and give the App access to the submodule’s repository.',
  },
  root_missing: {
    stage: 'fetching',
    means: 'The environment’s root is no folder of the commit.',
    remedy: 'Correct "root" in .github/sluice.yml.',
  },
  package_json_missing: {
    stage: 'fetching',
    means: 'There is no package.json in the root or above it.',
    remedy: 'Add one, or correct "root" in .github/sluice.yml.',
  },
  package_json_invalid: {
    stage: 'fetching',
    means: 'A package.json is not one.',
    remedy: 'Correct the file.',
  },
  lockfile_missing: {
    stage: 'fetching',
    means: 'The project has dependencies and no lockfile, so every build could get other ones.',
    remedy: 'Install with your package manager and commit its lockfile.',
  },
  lockfile_ambiguous: {
    stage: 'fetching',
    means: 'There are lockfiles of several package managers.',
    remedy: 'Remove those not in use, or name one in "packageManager" of package.json.',
  },
  lockfile_invalid: {
    stage: 'installing',
    means: 'The lockfile cannot be used.',
    remedy: 'Install with your package manager and commit what it writes.',
  },
  lockfile_outdated: {
    stage: 'installing',
    means: 'The lockfile does not fit package.json.',
    remedy: 'Install with your package manager and commit the lockfile.',
  },
  package_manager_invalid: {
    stage: 'fetching',
    means: '"packageManager" of package.json does not name one exact version.',
    remedy: 'Write it as name@1.2.3, or remove it.',
  },
  package_manager_unsupported: {
    stage: 'fetching',
    means: '"packageManager" names a package manager, or a version of it, that does not run here.',
    remedy: 'Ask for one of those named in the message.',
  },
  package_manager_mismatch: {
    stage: 'fetching',
    means: '"packageManager" and the lockfile are of different package managers.',
    remedy: 'Correct the field, or commit a lockfile of that package manager.',
  },
  package_manager_unavailable: {
    stage: 'installing',
    means: 'The registry does not have the package manager’s version.',
    remedy: 'Name another version in "packageManager".',
  },
  package_manager_hash_mismatch: {
    stage: 'installing',
    means: 'The package manager from the registry is not the one whose hash "packageManager" gives.',
    remedy: 'Correct the hash, or remove it.',
  },
  install_failed: {
    stage: 'installing',
    means: 'The package manager could not install the dependencies.',
    remedy: 'Its last lines say why; the same install in a fresh checkout should show it.',
  },
  install_script_failed: {
    stage: 'installing',
    means: 'The install script of a dependency failed.',
    remedy: 'Its last lines say why; take the package out of "install_scripts" if it works without.',
  },
  postinstall_failed: {
    stage: 'installing',
    means: 'The postinstall script of the project failed.',
    remedy: 'Correct it, or set "prebuild" in .github/sluice.yml, which then stands in its place.',
  },
  variables_unreadable: {
    stage: 'installing',
    means: 'The environment’s variables cannot be opened with this server’s master key.',
    remedy: 'Set them again, or start the server with the key they were sealed with.',
  },
  prebuild_failed: {
    stage: 'generating',
    means: 'The prebuild command failed.',
    remedy: 'Its last lines say why; correct it, or "prebuild" in .github/sluice.yml.',
  },
  functions_missing: {
    stage: 'fetching',
    means: 'There is no folder of functions in the root.',
    remedy: 'Put functions into a folder named defer or functions, or correct "root" in .github/sluice.yml.',
  },
  functions_folder_ambiguous: {
    stage: 'fetching',
    means: 'Several folders could be the one of functions.',
    remedy: 'Keep one, or give each an environment with a "root" of its own.',
  },
  outside_repository: {
    stage: 'compiling',
    means: 'Code imports a file that is not in the repository.',
    remedy: 'Commit the file, or add the package it is part of.',
  },
  compile_failed: {
    stage: 'compiling',
    means: 'The code cannot be bundled.',
    remedy: 'Correct the lines that are named.',
  },
  native_binary_missing: {
    stage: 'compiling',
    means: 'A native package was installed without its binary.',
    remedy:
      'Allow its install script under build.install_scripts in .github/sluice.yml, or write the lockfile anew.',
  },
  packages_untraceable: {
    stage: 'compiling',
    means: 'What packages need beside them could not be found out.',
    remedy: 'Build again; if that does not help, use packages that need no files beside them.',
  },
  shipped_files_too_large: {
    stage: 'compiling',
    means: 'The files that a function’s packages need beside them are larger than a function may have.',
    remedy: 'Import only what is needed of them, or smaller packages.',
  },
  default_export_missing: {
    stage: 'compiling',
    means: 'A function’s file has no default export.',
    remedy: 'Export the function as default.',
  },
  not_a_background_function: {
    stage: 'compiling',
    means: 'The default export of a function’s file is no background function.',
    remedy: 'Export what defer() returns, or a plain function in a functions folder.',
  },
  load_threw: {
    stage: 'compiling',
    means: 'A function’s file threw while it was loaded.',
    remedy: 'Move what needs the environment’s variables, or can fail, into the function.',
  },
  load_hung: {
    stage: 'compiling',
    means: 'A function’s file did not finish loading.',
    remedy: 'Move what waits or computes at its top level into the function.',
  },
  load_exited: {
    stage: 'compiling',
    means: 'A function’s file ended its process while it was loaded.',
    remedy: 'Take process.exit() and the like out of its top level.',
  },
  load_out_of_memory: {
    stage: 'compiling',
    means: 'A function’s file ran out of memory while it was loaded.',
    remedy: 'Move what it computes at its top level into the function.',
  },
  function_anonymous: {
    stage: 'compiling',
    means: 'A function has no name to be called by.',
    remedy: 'Name it.',
  },
  function_name_invalid: {
    stage: 'compiling',
    means: 'A function’s name has spaces or invisible characters, or is too long.',
    remedy: 'Rename it.',
  },
  function_duplicate: {
    stage: 'compiling',
    means: 'Several files define functions of the same name.',
    remedy: 'Rename all but one.',
  },
  options_invalid: {
    stage: 'compiling',
    means: 'A function’s options cannot be used.',
    remedy: 'Correct what is named.',
  },
  out_of_memory: {
    stage: null,
    means: 'What the build ran used more memory than a build may.',
    remedy: 'Do with less at a time, or prepare it outside of the build.',
  },
  cpu_limit: {
    stage: null,
    means: 'What the build ran used more CPU time than a build may.',
    remedy: 'Take out what computes that long, or prepare it outside of the build.',
  },
  disk_limit: {
    stage: null,
    means: 'What the build ran wrote more than a build may.',
    remedy: 'Write less, or depend on less.',
  },
  disk_full: {
    stage: null,
    means: 'The builder’s disk is full.',
    remedy: 'Ask the operator to free space; then build again.',
  },
  output_limit: {
    stage: null,
    means: 'What the build ran printed more than a build may.',
    remedy: 'Print less.',
  },
  out_of_time: {
    stage: null,
    means: 'The build took longer than a build may.',
    remedy: 'See in the log what it was doing, and make that shorter.',
  },
  builder_unknown: {
    stage: null,
    means: 'The environment asks for a builder that the operator does not offer.',
    remedy: 'Name one that is offered as "builder" in .github/sluice.yml, or leave it out.',
  },
  builder_failed: {
    stage: null,
    means: 'The builder failed, several times, for a reason that is not the code’s.',
    remedy: 'Build again once that is solved; the server’s log says more.',
  },
  builder_lost: {
    stage: null,
    means: 'The builder’s process was lost again and again while it worked on this build.',
    remedy: 'See the server’s log for why; then build again.',
  },
  builder_absent: {
    stage: null,
    means: 'No builder worked on the build.',
    remedy: 'Ask the operator whether a builder runs; then re-run the check.',
  },
} as const satisfies Record<string, Meaning>

export type FailureCode = keyof typeof codes

export const failureCodes: Readonly<Record<string, Meaning>> = codes

const stageNames: [stage: Stage | null, name: string][] = [
  ['fetching', 'Fetching and looking at the project'],
  ['installing', 'Installing'],
  ['generating', 'The prebuild command'],
  ['compiling', 'Compiling'],
  [null, 'At any stage'],
]

/** The text of docs/build-failures.md. */
export function failureCodesPage(): string {
  const sections = stageNames.map(([stage, name]) => {
    const own = Object.entries(failureCodes).filter(([, meaning]) => meaning.stage === stage)
    const rows = own.map(([code, { means, remedy }]) => `| \`${code}\` | ${means} | ${remedy} |`)
    return [`## ${name}`, '', '| code | what it means | what to do |', '|---|---|---|', ...rows].join('\n')
  })
  const intro = `# Why a build fails

Each failure has a code that stays the same, the stage it happened in, the file and line where there is one, and what to do. Check,
comment and Slack show all of it. What was live stays live.`
  return `${[intro, ...sections].join('\n\n')}\n`
}
