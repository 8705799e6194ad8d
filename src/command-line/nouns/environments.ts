// sluice environments: where branches land.
import { EnvironmentList } from '../../api/environments/shapes.ts'
import { table } from '../table.ts'
import type { Noun } from '../verb.ts'

export const environments: Noun = {
  summary: 'Environments: where branches land.',
  verbs: {
    list: {
      summary: 'Those that the key may act in: its own, or all open ones of its repository.',
      examples: [
        'sluice environments list',
        "sluice environments list --json | jq -r '.environments[].name'",
      ],
      async run({ server }) {
        const found = await server.get('/environments', {}, EnvironmentList)
        return {
          data: found,
          text: paper =>
            table(
              paper,
              found.environments,
              [
                { title: 'name', value: one => one.name },
                { title: 'branch', value: one => one.branch, shrinksTo: 12 },
                { title: 'root', value: one => one.root, shrinksTo: 6 },
                { title: 'functions', value: one => `${one.functions}` },
                {
                  title: 'live',
                  value: ({ live_build: live }) => (live ? `#${live.number} ${live.sha.slice(0, 7)}` : ''),
                },
                {
                  title: 'state',
                  value: one =>
                    [
                      one.mode === 'normal' ? '' : one.mode,
                      one.paused && 'paused',
                      one.pinned && 'pinned',
                      one.production && 'production',
                    ]
                      .filter(Boolean)
                      .join(', '),
                },
              ],
              'There are none yet; push to the default branch first.',
            ),
        }
      },
    },
  },
}
