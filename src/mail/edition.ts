/** What a mail says before it belongs to a reader, and what of a reader it can include. */
import type { LiveArticle } from '../domain/article.ts'
import type {
  Course,
  Daily,
  Inspiration,
  Lesson,
  Letter,
  Newsletter,
  Series,
} from '../domain/course.ts'
import type { DeliveryKind, TRANSACTIONAL } from '../domain/delivery.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { Theme } from '../domain/theme.ts'

/** The person a mail goes to, with their personal links. */
export interface Reader {
  readonly address: string
  readonly firstName: string
  /** The reader's answers to the course's own fields; empty in a mail to a stranger. */
  readonly fields: FieldValues
  /** In words, in the language of the mail. */
  readonly enrolledOn: string
  readonly unsubscribeUrl: string
  /**
   * For a lesson with a companion in its mail: unsubscribes from the companion's series only.
   * Stored editions hold `{{besideUnsubscribeUrl}}` as text and are filled later, so this name must
   * not change.
   */
  readonly besideUnsubscribeUrl: string
  readonly preferencesUrl: string
  /** For a confirmation: what they asked for, and the page that confirms it. */
  readonly confirmUrl: string
  readonly asked: string
  /** For a welcome: when the first mail arrives, in the reader's local time. */
  readonly firstMail: string
  /**
   * For a lesson or an inspiration: the pages that show it, pause the series, and send the next one
   * now.
   */
  readonly lessonUrl: string
  readonly pauseUrl: string
  readonly nowUrl: string
  /** For a lesson: the page that marks its practice as done. */
  readonly practiceUrl: string
  /**
   * For a completion: what the reader did, in a sentence; pages of past mails and of what is next.
   */
  readonly youDid: string
  readonly daysUrl: string
  readonly completionUrl: string
  /** For a data request: the page that shows all stored data, or the page that erases it. */
  readonly dataUrl: string
  readonly eraseUrl: string
  /** For a new address: the page that confirms it. */
  readonly addressUrl: string
  /**
   * For the old address: the page that undoes the change, and the new address, masked. No such mail
   * goes to the new address.
   */
  readonly undoUrl: string
  readonly otherAddress: string
  /** For signing in: the page that does so. */
  readonly signInUrl: string
  /**
   * For a lesson, an inspiration or a letter: answers to the reader's comments, rendered for both
   * parts of the mail; null if there are none. The HTML is already safe.
   */
  readonly answers: Record<'html' | 'text', string> | null
  /**
   * For a reader who consented to link counting: the URLs that replace the counted links of the
   * edition, in order.
   */
  readonly countedUrls?: readonly string[]
}

export type Render = (data: object) => string

export interface Skeleton {
  /** Value of the Content-Type header. */
  readonly contentType: string
  /**
   * Returns the body for one reader, in pieces; the pieces all readers share are the same buffers
   * in every mail. The body is already in DKIM's relaxed form: lines end in CRLF and contain no
   * runs of spaces.
   */
  fill(reader: Reader): readonly Buffer[]
}

/** The articles a letter presents, newest first; at least one. */
export type News = readonly Pick<
  LiveArticle,
  'slug' | 'title' | 'author' | 'date' | 'summary' | 'minutes'
>[]

/** The inspiration or letter that follows the lesson in the same mail. */
export type Companion =
  | { readonly series: Daily; readonly inspiration: Inspiration }
  | { readonly series: Newsletter; readonly articles: News }

/** What a mail is about. */
export type Content =
  | {
      readonly kind: 'lesson'
      readonly series: Course
      readonly lesson: Lesson
      readonly companion: Companion | null
      /** Set for the first mail after a pause that ended by itself. */
      readonly afterPause?: boolean
    }
  | {
      readonly kind: 'inspiration'
      readonly series: Series
      readonly inspiration: Inspiration
      readonly afterPause?: boolean
    }
  | {
      readonly kind: 'letter'
      readonly series: Newsletter
      readonly articles: News
      readonly afterPause?: boolean
    }
  | { readonly kind: 'welcome' | 'completion'; readonly series: Series; readonly letter: Letter }
  | {
      readonly kind: (typeof TRANSACTIONAL)[number]
      readonly series: Series
      /** The reader's language, for a mail about the reader rather than a series. */
      readonly language?: string
    }

/** BCP 47 tag of the mail's language. */
export const languageOf = (content: Content): string =>
  ('language' in content && content.language) || content.series.language

/** A text ready for any reader, compiled once. */
export interface Edition {
  readonly kind: DeliveryKind
  readonly series: Series
  /** Identifies the text: equal for equal content and layout. */
  readonly hash: string
  readonly subject: Render
  readonly skeleton: Skeleton
  /** Unpacks the source text, which is read only once, when the edition is first sent. */
  readonly source: () => EditionSource
  /** Number of links that may be counted. */
  readonly countedLinks: number
}

/** A text with slots for its reader, as stored. */
export interface EditionSource {
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** What every mail states about its sender. */
export interface Letterhead {
  readonly siteName: string
  readonly siteUrl: string
  readonly postalAddress: string
  /** URLs of the imprint and the privacy policy; empty if there is none. */
  readonly imprint?: string
  readonly privacy?: string
  /** The site's own theme, used for mails about the reader rather than a series. */
  readonly theme?: Theme | undefined
  /** Heights in pixels of logos that are files of the site. */
  readonly logoHeights?: ReadonlyMap<string, number>
}

/** Returns the edition of a content, compiling each text once. */
export type Editions = (content: Content) => Promise<Edition>
