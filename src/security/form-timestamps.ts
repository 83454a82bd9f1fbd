import type { Secrets } from './secrets.ts'

/** Signed creation times of forms: how long a form was open is known without storing anything. */
export interface FormTimestamps {
  /** For the form of this name. */
  make(form: string, at: Temporal.Instant): string
  /** Milliseconds since it was made; null if it is not ours, or another form's. */
  age(form: string, stamp: string, now: Temporal.Instant): number | null
}

/** A stamp is `key.time.tag`, with the form bound into the tag. */
export function openFormTimestamps(secrets: Secrets): FormTimestamps {
  return {
    make: (form, at) => {
      const time = at.epochMilliseconds.toString(36)
      const { key, tag } = secrets.sign(`form ${form}`, time)
      return `${key}.${time}.${tag.toString('base64url')}`
    },
    age: (form, stamp, now) => {
      const [key = '', time = '', tag = ''] = stamp.split('.')
      if (!secrets.verify(`form ${form}`, time, key, Buffer.from(tag, 'base64url'))) return null
      return now.epochMilliseconds - Number.parseInt(time, 36)
    },
  }
}
