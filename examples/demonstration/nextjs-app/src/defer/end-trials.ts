import { defer } from '@defer/client'
import plans from '@/lib/plans.json'

async function endTrials() {
  return plans.filter(plan => plan.trialDays > 0).map(plan => plan.id)
}

export default defer.cron(endTrials, '0 4 * * *')
