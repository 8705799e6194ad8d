const { defer } = require('@defer/client')
const { daysBefore } = require('../../../lib/dates')

async function rotateLogs(days = 30) {
  return { removedBefore: daysBefore(new Date('2026-03-01'), days) }
}

module.exports = defer.cron(rotateLogs, '15 2 * * *', { concurrency: 1 })
