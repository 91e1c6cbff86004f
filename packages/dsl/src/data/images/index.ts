/** Image folders: pictures, one sub-folder a class, to arrays. */
export { convertImages, type ConvertedImages, type ImageOptions } from './convert-images.js';
export { FITS, type Fit, type Size } from './fit.js';
