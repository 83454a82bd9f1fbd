/** Judges what a Redis reports about itself. */
import { type DoctorFinding, error, info, ok, warning } from './finding.ts'

export interface RedisFacts {
  readonly where: string
  /** Such as 8.0.2; null if it does not say. */
  readonly version: string | null
  readonly policy: string | null
  readonly appendOnly: boolean | null
  readonly usedBytes: number
  /** 0 if unlimited. */
  readonly mostBytes: number
  /** Whether it is a replica of another one. */
  readonly isReplica: boolean
}

/** BullMQ needs 5, and recommends 6.2. */
const MIN_VERSION = [5, 0] as const
const RECOMMENDED_VERSION = [6, 2] as const
const NEARLY_FULL = 0.8

export function judgeRedis(facts: RedisFacts): DoctorFinding[] {
  const { where, version, isReplica } = facts
  const found: DoctorFinding[] = [
    ok('queue.connection.ok', `Redis ${version ?? ''} at ${where} answers.`.replace('  ', ' ')),
  ]
  if (version && isOlder(version, RECOMMENDED_VERSION))
    found.push(
      (isOlder(version, MIN_VERSION) ? error : warning)(
        'queue.version',
        `Redis ${version} is too old.`,
        {
          why: 'The queue (BullMQ) needs at least 5.0, and 6.2 or newer to be fast.',
          fix: 'Upgrade the server to a version that is still maintained.',
        },
      ),
    )
  if (isReplica)
    found.push(
      error('queue.replica', `The Redis at ${where} is a replica.`, {
        why: 'It accepts no writes, so no job can be added.',
        fix: 'Point REDIS_URL to the primary, or to its Sentinels.',
        settings: ['REDIS_URL'],
      }),
    )
  return [...found, ...memoryOf(facts), ...storageOf(facts)]
}

export const redisUnreachable = (words: string): DoctorFinding =>
  error('queue.unreachable', `Redis (REDIS_URL) cannot be reached: ${words}.`, {
    why: 'Mail goes out late, and pages cannot send mail at once.',
    fix: 'Start Redis, or correct REDIS_URL.',
    settings: ['REDIS_URL'],
  })

const isOlder = (version: string, [major, minor]: readonly [number, number]) => {
  const [is = 0, sub = 0] = version.split('.').map(Number)
  return is < major || (is === major && sub < minor)
}

function memoryOf({ policy, usedBytes, mostBytes }: RedisFacts): DoctorFinding[] {
  const found: DoctorFinding[] = []
  if (policy !== null && policy !== 'noeviction')
    found.push(
      error('queue.eviction', `Redis evicts keys when its memory is full (${policy}).`, {
        why: 'Jobs vanish. No mail is lost, because the sweep recreates them, but mail is late, and the queue can break.',
        fix: 'Set maxmemory-policy noeviction, in redis.conf too.',
      }),
    )
  if (mostBytes > 0 && usedBytes > mostBytes * NEARLY_FULL)
    found.push(
      warning(
        'queue.memory',
        `Redis uses ${Math.round((usedBytes / mostBytes) * 100)} % of its memory limit.`,
        {
          why: 'When the limit is reached, no job can be added, and mail waits.',
          fix: 'Raise maxmemory, or find out what else is stored there.',
        },
      ),
    )
  return found
}

const storageOf = ({ appendOnly }: RedisFacts): DoctorFinding[] =>
  appendOnly === false
    ? [
        info('queue.aof', 'Redis does not store its jobs on disk (appendonly no).', {
          why: 'After a restart of Redis the queue is empty. No mail is lost: the sweep recreates the jobs within a minute.',
          fix: 'Set appendonly yes if mail must not be a minute late.',
        }),
      ]
    : []
