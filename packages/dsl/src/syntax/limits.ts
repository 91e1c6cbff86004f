/** How large a source may be, so that hostile text ends in a diagnostic and not in a hang or an overflow. */

/** UTF-16 units of one file. */
export const MAX_SOURCE_LENGTH = 250_000;
/** Brackets inside one another, or signs in a row. */
export const MAX_NESTING = 64;
