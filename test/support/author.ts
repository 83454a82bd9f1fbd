/** An author who changes a course while people are in it: at random, and on the disk. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { LATE, type Late } from '../../src/domain/course.ts'
import { lesson } from '../content/folder.ts'

export type Edit =
  | { readonly do: 'move'; readonly from: number; readonly to: number }
  | { readonly do: 'add'; readonly at: number; readonly late: Late }
  | { readonly do: 'remove' | 'rename' | 'rewrite'; readonly at: number }

/** What an author may do to a course. */
export const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant('move' as const), from: fc.nat(20), to: fc.nat(20) }),
  fc.record({ do: fc.constant('add' as const), at: fc.nat(20), late: fc.constantFrom(...LATE) }),
  fc.record({
    do: fc.constantFrom('remove' as const, 'rename' as const, 'rewrite' as const),
    at: fc.nat(20),
  }),
)

/** Most of the time nothing. */
export const edits = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: edit },
)

interface Written {
  /** What the ledger knows it by. */
  readonly id: string
  readonly names: readonly string[]
  readonly late: Late
  readonly subject: string
}

export interface Author {
  /** Does one thing, and writes the folder anew. */
  edit(what: Edit): Promise<void>
  /** Ids of the lessons that everybody gets, and of all there are. */
  lessons(): { readonly forAll: readonly string[]; readonly all: readonly string[] }
}

/** The author of a course folder that holds these lessons, by their names. */
export function authorOf(folder: string, names: readonly string[]): Author {
  let made = 0
  const lessons = names.map(
    (name): Written => ({ id: name, names: [name], late: 'send', subject: `Lesson ${name}` }),
  )

  async function write() {
    for (const name of await readdir(folder)) if (/^\d/.test(name)) await rm(join(folder, name))
    for (const [index, { names, late, subject }] of lessons.entries()) {
      const aliases = names.length > 1 ? `[${names.slice(0, -1).join(', ')}]` : null
      const number = String(index + 1).padStart(2, '0')
      await writeFile(
        join(folder, `${number}-${names.at(-1)}.md`),
        lesson({ subject, late, aliases }),
      )
    }
  }

  return {
    edit: async (what) => {
      const index = ('at' in what ? what.at : what.from) % lessons.length
      const one = lessons[index] as Written
      if (what.do === 'add') {
        const name = `new-${made++}`
        lessons.splice(index, 0, {
          id: name,
          names: [name],
          late: what.late,
          subject: `Lesson ${name}`,
        })
      } else if (what.do === 'move')
        lessons.splice(what.to % lessons.length, 0, ...lessons.splice(index, 1))
      else if (what.do === 'rename')
        lessons[index] = { ...one, names: [...one.names, `${one.id}-${made++}`] }
      else if (what.do === 'rewrite')
        lessons[index] = { ...one, subject: `Lesson ${one.id}, version ${made++}` }
      else if (lessons.length > 3) lessons.splice(index, 1)
      await write()
    },
    lessons: () => ({
      forAll: lessons.filter(({ late }) => late === 'send').map(({ id }) => id),
      all: lessons.map(({ id }) => id),
    }),
  }
}
