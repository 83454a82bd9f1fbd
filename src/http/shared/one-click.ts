/**
 * Response to an unsubscribe POST that a mailbox provider sends by itself (RFC 8058). A program
 * reads it, so there is no language to choose: it is English and not in the catalogs.
 */
export const UNSUBSCRIBED = 'Unsubscribed.'
