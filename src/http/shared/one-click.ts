/**
 * The answer to a POST to leave that a mailbox sends by itself (RFC 8058). A program reads it, and
 * nobody is there whose language could be asked for: so it is English, and in no catalog.
 */
export const UNSUBSCRIBED = 'Unsubscribed.'
