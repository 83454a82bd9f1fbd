import { describe, expect, it } from 'vitest'
import { answersFrom } from '../../src/cli/options.ts'
import type { Problem } from '../../src/domain/problem.ts'
import { COURSE, load, settings } from '../content/folder.ts'

const asking = `${settings()}fields:\n  goal:\n    label: Goal?\n    required: true\n  level:\n    label: Level?\n    type: choice\n    choices: [new, old]\n`
const courseWith = async (yaml: string) => {
  const [course] = await load({ ...COURSE, 'c/course.yaml': yaml })
  if (!course) throw new Error('there is no course')
  return course
}

describe('--field', () => {
  it('gives one answer each; answers that a form requires may be missing', async () => {
    const course = await courseWith(asking)
    expect(answersFrom(['goal=a=b', 'level=new'], course)).toEqual({ goal: 'a=b', level: 'new' })
    expect(answersFrom([], course)).toEqual({})
  })

  it('is refused for an unknown name or an invalid answer, with the reason for each', async () => {
    const said = async (yaml: string, ...options: string[]) => {
      const course = await courseWith(yaml)
      try {
        return answersFrom(options, course)
      } catch (problem) {
        return (problem as Problem).fields
      }
    }
    expect(await said(asking, 'gaol=x', 'level=none', 'goal=see.example')).toEqual({
      '--field gaol': {
        key: 'cli.options.field',
        params: { course: 'A title', known: 'goal, level' },
      },
      '--field level': { key: 'form.own.not-a-choice' },
      '--field goal': { key: 'form.own.has-link' },
    })
    expect(await said(settings(), 'goal=x')).toMatchObject({
      '--field goal': { key: 'cli.options.no-fields' },
    })
  })
})
