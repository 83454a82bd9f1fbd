/** The courses folder as it was at a commit. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Problem } from '../domain/problem.ts'
import { type CourseFolder, type ReadOptions, readCourses } from './courses.ts'

const run = promisify(execFile)
/** More than any courses folder takes. */
const MAX_BYTES = 256 * 1024 * 1024

/**
 * Reads the series of `folder` as of `ref`: a branch, a tag, a commit.
 *
 * @throws Problem `invalid` if the folder is in no repository, the reference is unknown, or the
 * folder did not exist then.
 */
export async function coursesAt(
  folder: string,
  ref: string,
  reading: ReadOptions = {},
): Promise<CourseFolder[]> {
  const git = (...args: string[]) => run('git', ['-C', folder, ...args], { maxBuffer: MAX_BYTES })
  const commit = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ).catch((cause) => {
    throw cause.code === 'ENOENT'
      ? new Problem('invalid', 'operator.courses.no-git', { params: { folder }, cause })
      : new Problem('invalid', 'operator.courses.no-ref', { params: { folder, ref }, cause })
  })
  await using opened = new AsyncDisposableStack()
  const scratch = opened.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-diff-')), (path) =>
    rm(path, { recursive: true }),
  )
  const archive = join(scratch, 'courses.tar')
  const { stdout } = await run(
    'git',
    ['-C', folder, 'archive', '--format=tar', commit.stdout.trim()],
    {
      maxBuffer: MAX_BYTES,
      encoding: 'buffer',
    },
  ).catch((cause) => {
    throw new Problem('invalid', 'operator.courses.no-folder-then', { params: { ref }, cause })
  })
  await writeFile(archive, stdout)
  await run('tar', ['-x', '-f', archive, '-C', scratch])
  return (await readCourses(scratch, reading)).folders
}
