/** How much an ONNX file may ask of the importer, so that every file ends in a model or an error within moments. */

/** Bytes of the file itself: where Protocol Buffers ends. */
export const MAX_FILE_BYTES = 2 ** 31 - 1;
/** Nodes of the graph. */
export const MAX_NODES = 20_000;
/** Elements that all constants computed at import hold together. */
export const MAX_FOLDED = 2 ** 24;
/** Axes of a tensor. */
export const MAX_RANK = 8;
/** Messages and strings of the file (see DecodeLimits). */
export const MAX_ITEMS = 2_000_000;
/** Opsets whose operators are known. */
export const FIRST_OPSET = 6;
export const LAST_OPSET = 26;
/** Imported weights start below this in magnitude: where a run would be stopped as diverged. */
export const MAX_WEIGHT = 2 ** 20;
/** Constants beyond this are read as this: they stand for infinity, in masks above all. */
export const INFINITE = 2 ** 60;
/** Places of a window of a convolution or pooling: each is a slice of the step's graph. */
export const MAX_WINDOW = 4096;
