/** How much a job may ask of the checker, so that every text ends in a program or a diagnostic within moments. */

/** Imports inside one another, and files in all. */
export const MAX_IMPORT_DEPTH = 16;
export const MAX_FILES = 64;
/** Times that one `repeat` runs. */
export const MAX_REPEAT = 1000;
/** Calls of library functions and operators on tensors in the whole job. */
export const MAX_CALLS = 20_000;
/** Expressions evaluated in the whole job, constants included. */
export const MAX_EVALUATIONS = 500_000;
/** Expressions inside one another, counted through calls. */
export const MAX_DEPTH = 300;
/** Elements of one tensor. */
export const MAX_ELEMENTS = 2 ** 31 - 1;
/** The largest integer for lengths, counts and steps. */
export const MAX_INTEGER = 2 ** 31 - 1;
export const MAX_RANK = 8;
/** Weights of the whole job together, in elements. */
export const MAX_PARAMETERS = 2 ** 33;
/** Functions and models of a job. */
export const MAX_FUNCTIONS = 1000;
